"""
What can happen to an order: its stream is the truth about it. No person, no address, no text of the caller's.
"""

from typing import ClassVar, TypeAlias
from uuid import UUID

from attrs import frozen

from ..eventlog import Event, JsonObject, Upcaster
from ..kernel import CustomerId, Money, Percentage, UserId
from ..payments import CardId, PaymentId
from .pricing.values import OrderLine
from .status import FailureReason


@frozen(kw_only=True)
class OrderPlaced(Event):
    """
    Somebody ordered something, at prices that stand from then on.

    ``total = items_total - discount_total + tax_total + shipping_cost``, all of one currency.

    Args:
        card_id: What pays.
        discount_percentage: Of the order as a whole, after all others.
        warehouse: From where it is to be sent; None if no warehouse had every line.
    """

    schema_version: ClassVar[int] = 2
    customer_id: CustomerId
    card_id: CardId
    created_by: UserId
    items: tuple[OrderLine, ...]
    discount_percentage: Percentage
    items_total: Money
    discount_total: Money
    tax_total: Money
    shipping_cost: Money
    total: Money
    warehouse: str | None


@frozen
class OrderPaymentStarted(Event):
    """The total is to be held on the card, by this payment."""

    payment_id: PaymentId


@frozen
class OrderStockReserved(Event):
    """The warehouse keeps the items for it."""

    reservation_id: UUID


@frozen
class OrderConfirmed(Event):
    """It is paid, and will be sent."""


@frozen
class OrderShipped(Event):
    """It has left the warehouse."""


@frozen
class OrderDelivered(Event):
    """It has arrived."""


@frozen
class OrderCancelled(Event):
    """
    It was given up.

    Args:
        failure_reason: What failed; None: somebody wanted it so.
        cancelled_by: Who; None: nobody, something failed.
    """

    failure_reason: FailureReason | None
    cancelled_by: UserId | None


OrderEvent: TypeAlias = (
    OrderPlaced
    | OrderPaymentStarted
    | OrderStockReserved
    | OrderConfirmed
    | OrderShipped
    | OrderDelivered
    | OrderCancelled
)

EVENTS: tuple[type[Event], ...] = (
    OrderPlaced,
    OrderPaymentStarted,
    OrderStockReserved,
    OrderConfirmed,
    OrderShipped,
    OrderDelivered,
    OrderCancelled,
)
"""Every event of this context, for the registry."""


def _with_tax_and_shipping(fields: JsonObject) -> JsonObject:
    nothing = {"minor": 0, "currency": fields["total"]["currency"]}
    return fields | {"tax_total": nothing, "shipping_cost": nothing}


UPCASTERS = (Upcaster("OrderPlaced", 1, _with_tax_and_shipping),)
"""What older forms of these events go through. An order cost no tax and no shipping once: nothing was added to it."""
