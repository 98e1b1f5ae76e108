import pytest

from builders.order_desk import OrderDesk, an_order_desk
from builders.shop import Shop


@pytest.fixture
async def desk(shop: Shop) -> OrderDesk:
    """Where nothing was ordered yet."""
    return await an_order_desk(shop)
