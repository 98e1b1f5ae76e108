"""A product."""

from datetime import datetime

from attrs import define

from ..eventlog import Event, StreamId
from ..kernel import Money, Percentage
from .events import ProductAdded, ProductChanged, ProductPriceChanged
from .ids import ProductId


@define(eq=False, kw_only=True)
class Product:
    """
    Something that is sold.

    Args:
        sku: What everybody knows it by; never changes.
        discount_percentage: Taken off its price wherever it is sold; no more than *max_discount*.
        active: Whether it is sold at all.
        version: The number of its last event; 0 means never stored.
    """

    id: ProductId
    sku: str
    name: str
    price: Money
    discount_percentage: Percentage
    max_discount: Percentage
    active: bool
    created_at: datetime
    version: int = 0

    @property
    def stream(self) -> StreamId:
        """Where its events are."""
        return StreamId("product", self.id)

    def added(self) -> ProductAdded:
        """Tell that it is in the catalogue; the first event of its stream."""
        return ProductAdded(
            self.id,
            self.sku,
            self.name,
            self.price,
            self.discount_percentage,
            self.max_discount,
            self.active,
            self.created_at,
        )

    def change(  # noqa: PLR0913 - a fact each
        self,
        *,
        name: str,
        price: Money,
        discount_percentage: Percentage,
        max_discount: Percentage,
        active: bool,
        at: datetime,
    ) -> tuple[Event, ...]:
        """Be as is said from now on; gives no event where that is how it was."""
        before = self._terms
        events: list[Event] = []
        if price != self.price:
            self.price = price
            events.append(ProductPriceChanged(self.id, price, at))
        self.name, self.active = name, active
        self.discount_percentage, self.max_discount = discount_percentage, max_discount
        if self._terms != before:
            events.append(ProductChanged(self.id, *self._terms, at))
        return tuple(events)

    @property
    def _terms(self) -> tuple[str, Percentage, Percentage, bool]:
        return self.name, self.discount_percentage, self.max_discount, self.active
