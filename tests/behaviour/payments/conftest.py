import pytest

from builders import Business


@pytest.fixture
def business() -> Business:
    """A business in memory, at noon, without any payment."""
    return Business()
