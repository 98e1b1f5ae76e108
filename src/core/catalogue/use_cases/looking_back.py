"""What things cost before."""

from datetime import datetime

from attrs import frozen

from ...eventlog import EventReader, NoSuchStateError, refuse_unreadable
from ...kernel import Money
from ..events import ProductAdded, ProductPriceChanged
from ..ports import ProductQueries


@frozen
class FindPrice:
    """Tell what a product cost at any time since it has been in the catalogue."""

    products: ProductQueries
    events: EventReader

    async def __call__(self, sku: str, *, as_of: datetime) -> Money:
        """
        Args:
            as_of: With a time zone; what happened at that very moment counts.

        Raises:
            ProductNotFoundError.
            NoSuchStateError: it was not in the catalogue yet.
            UnknownEventError, MalformedEventError: an event of it cannot be understood, so nobody can tell.
        """
        product = await self.products.get(sku)
        recorded = await self.events.read_stream(product.stream)
        # By version, should the clocks of those who recorded them have differed.
        last = max((each.version for each in recorded if each.envelope.occurred_at <= as_of), default=0)
        price = None
        for each in recorded[:last]:
            refuse_unreadable(each.event)
            if isinstance(each.event, ProductAdded | ProductPriceChanged):
                price = each.event.price
        if price is None:
            raise NoSuchStateError(product.stream, asked_for=as_of)
        return price
