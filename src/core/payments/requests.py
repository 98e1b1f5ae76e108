"""What is asked for when somebody pays: plain values, not yet checked by any rule."""

from collections.abc import Mapping
from decimal import Decimal

from attrs import field, frozen

from ..kernel import CustomerId
from .cards import CardDetails


@frozen(kw_only=True)
class Address:
    """
    A postal address in the United Kingdom; personal.

    Args:
        postcode: ``SW1A 1AA``, with or without the space.
    """

    house_number: str = field(repr=False)
    address_line1: str = field(repr=False)
    city: str = field(repr=False)
    postcode: str = field(repr=False)
    house_name: str | None = field(default=None, repr=False)
    address_line2: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class PaymentRequest:
    """
    A payment somebody asks for.

    Args:
        amount: In major units (``"19.99"``), with no more decimals than the currency has.
        currency: ISO 4217 alphabetic code.
        card_id: The caller's own name for the card; or the id of a card that they registered, which needs no details.
        description: Shown to people; not to the gateway.
        metadata: Any JSON object of the caller's.
        capture: Whether to take the money at once; else it is only held.
    """

    amount: str | Decimal | int
    currency: str
    card_id: str
    customer_id: CustomerId
    address_details: Address | None = None
    paying_card_details: CardDetails | None = None
    description: str | None = None
    metadata: Mapping[str, object] | None = None
    capture: bool = True


@frozen(kw_only=True)
class CaptureRequest:
    """
    What is to be taken out of a hold.

    Args:
        amount: In major units of the payment's currency; None: all of it.
    """

    amount: str | Decimal | int | None = None


@frozen(kw_only=True)
class RefundRequest:
    """
    What is to be given back.

    Args:
        amount: In major units of the payment's currency; None: all that was captured and is not given back yet.
        reason: For people; not for the gateway.
    """

    amount: str | Decimal | int | None = None
    reason: str | None = None


@frozen(kw_only=True)
class CardRequest:
    """A card that somebody wants to pay with again."""

    customer_id: CustomerId
    paying_card_details: CardDetails
