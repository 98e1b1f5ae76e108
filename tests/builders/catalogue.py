"""Products, saying only what the test is about."""

from itertools import count
from typing import Any
from uuid import UUID

from quayside.core.catalogue import Product, ProductId
from quayside.core.kernel import Money, Percentage

from .payments import NOON

_serial = count(1)


def a_product(sku: str | None = None, price: Money | None = None, **changes: Any) -> Product:
    """A product at 19.99 GBP that is not stored yet; each has an id greater than the one before."""
    number = next(_serial)
    values: dict[str, Any] = {
        "id": ProductId(UUID(int=(0x0190_0000_0000_7000_8000 << 48) + number)),
        "sku": sku or f"SKU-{number}",
        "name": "A teapot",
        "price": price or Money.of("19.99", "GBP"),
        "discount_percentage": Percentage(0),
        "max_discount": Percentage(100),
        "active": True,
        "created_at": NOON,
    }
    return Product(**values | changes)
