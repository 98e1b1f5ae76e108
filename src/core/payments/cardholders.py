"""Who a card belongs to, as far as a payment has to remember."""

from typing import Self

from attrs import field, frozen

from .cards import CardDetails
from .requests import Address


@frozen(kw_only=True)
class Cardholder:
    """
    The holder of the card that a payment was made by; personal, and so kept apart from the payment, encrypted.

    Args:
        name: As printed on the card.
        address: Where the card is billed.
    """

    name: str | None = field(repr=False)
    address: Address | None = field(repr=False)

    @classmethod
    def of(cls, card: CardDetails | None, address: Address | None) -> Self | None:
        """The holder as whoever pays names them; None where they do not."""
        if card is None and address is None:
            return None
        return cls(name=card.cardholder_name if card else None, address=address)
