"""What can happen to a product."""

from datetime import datetime

from attrs import frozen

from ..eventlog import Event
from ..kernel import Money, Percentage
from .ids import ProductId


@frozen
class ProductAdded(Event):
    """A product came into the catalogue."""

    product_id: ProductId
    sku: str
    name: str
    price: Money
    discount_percentage: Percentage
    max_discount: Percentage
    active: bool
    at: datetime


@frozen
class ProductPriceChanged(Event):
    """From now on it costs something else."""

    product_id: ProductId
    price: Money
    at: datetime


@frozen
class ProductChanged(Event):
    """What else is said of it is now this; some of it is as it was."""

    product_id: ProductId
    name: str
    discount_percentage: Percentage
    max_discount: Percentage
    active: bool
    at: datetime


EVENTS: tuple[type[Event], ...] = (ProductAdded, ProductPriceChanged, ProductChanged)
"""Every event of this context, for the registry."""
