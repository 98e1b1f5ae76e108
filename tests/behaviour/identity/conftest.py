from collections.abc import Iterator
from contextlib import closing

import pytest

from builders import Accounts


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    """A service in memory, at noon, without any account."""
    with closing(Accounts()) as accounts:
        yield accounts
