"""What is asked for when somebody orders: plain values, not yet checked by any rule."""

from collections.abc import Sequence
from decimal import Decimal

from attrs import field, frozen

from ..kernel import CustomerId
from ..payments import Address, CardDetails
from .pricing.values import OrderItem


@frozen(kw_only=True)
class PaymentMeans:
    """
    What an order is to be paid with; one of the two.

    Args:
        card_id: The id of a card that the caller registered.
        paying_card_details: A card as it was typed, which is registered for the order.
    """

    card_id: str | None = None
    paying_card_details: CardDetails | None = None


@frozen(kw_only=True)
class OrderRequest:
    """
    An order somebody asks for.

    Args:
        items: 1-100; those of one sku stay apart.
        discount_percentage: Of the order as a whole; not everybody may give one.
    """

    customer_id: CustomerId
    items: Sequence[OrderItem]
    delivery_address: Address = field(repr=False)
    payment: PaymentMeans
    discount_percentage: str | Decimal | int | None = None
