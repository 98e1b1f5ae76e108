"""A card that its holder has entered once: the gateway's token stands for it from then on."""

from datetime import datetime

from attrs import define, field

from ..eventlog import StreamId
from ..kernel import CustomerId, UserId
from .cards import CardBrand
from .events import CardRegistered
from .gateway import CardToken
from .ids import CardId


@define(eq=False, kw_only=True)
class Card:
    """
    What is kept of a card: enough to pay with it and to tell it from others, and nothing to make another of it.

    Args:
        token: The gateway's; shown to nobody.
        version: Saves so far; 0 means never stored.
    """

    id: CardId
    customer_id: CustomerId
    token: CardToken = field(repr=False)
    brand: CardBrand
    last4: str
    expiry_month: int
    expiry_year: int
    created_by: UserId | None
    created_at: datetime
    version: int = 0

    @property
    def stream(self) -> StreamId:
        """Where its events are."""
        return StreamId("card", self.id)

    def is_asked_for_by(self, asked: "Card") -> bool:
        """Whether *asked*, a card of the same id, is this one entered once more."""
        return all(
            getattr(self, fact) == getattr(asked, fact)
            for fact in ("customer_id", "brand", "last4", "expiry_month", "expiry_year", "created_by")
        )

    def registered(self) -> CardRegistered:
        """Tell that the card can be paid with; the first event of its stream."""
        return CardRegistered(self.id, self.customer_id, self.brand, self.created_at)
