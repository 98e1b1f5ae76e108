from collections.abc import AsyncIterator

import pytest

from builders.shop import Shop, open_shop


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """A shop in memory, at noon, that has taken no payment."""
    async with open_shop() as shop:
        yield shop
