"""The order: what can be asked of it, and what comes of that."""

from collections.abc import Iterable
from typing import TypeAlias
from uuid import UUID

from attrs import evolve, frozen

from ..eventlog import Decider, StreamId
from ..kernel import UserId
from ..payments import PaymentId
from .errors import OrderTransitionError
from .events import (
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderEvent,
    OrderPaymentStarted,
    OrderPlaced,
    OrderShipped,
    OrderStockReserved,
)
from .ids import OrderId
from .status import FailureReason, OrderStatus


@frozen
class Place:
    """Order something; once more changes nothing, so that whoever got no answer may ask again."""

    placed: OrderPlaced


@frozen
class StartPayment:
    """Have the total held on the card. For the saga, which hears of it if the order was cancelled meanwhile."""

    payment_id: PaymentId


@frozen
class RecordReservation:
    """Know what the warehouse keeps for it. For the saga, which hears of it if the order was cancelled meanwhile."""

    reservation_id: UUID


@frozen
class Confirm:
    """It is paid. For the saga, which has to undo what it did where that is refused."""


@frozen
class Cancel:
    """
    Give it up: because somebody wants it so, which is refused where there is nothing to be cancelled any more; or
    because something failed, which changes nothing on an order that somebody has cancelled meanwhile.

    Args:
        failure_reason: What failed.
        by: Who wants it.
    """

    failure_reason: FailureReason | None = None
    by: UserId | None = None


@frozen
class Ship:
    """It leaves the warehouse."""


@frozen
class Deliver:
    """It has arrived."""


OrderCommand: TypeAlias = Place | StartPayment | RecordReservation | Confirm | Cancel | Ship | Deliver


@frozen
class Order:
    """
    What is known of an order.

    Args:
        placed: What was ordered; None before it is.
        status: None before it is placed.
        payment_id: What pays for it, from ``PaymentProcessing`` on.
        reservation_id: What the warehouse keeps for it, from ``InventoryReserved`` on.
    """

    placed: OrderPlaced | None = None
    status: OrderStatus | None = None
    payment_id: PaymentId | None = None
    reservation_id: UUID | None = None
    failure_reason: FailureReason | None = None


def _decide(order: Order, command: OrderCommand) -> Iterable[OrderEvent]:
    match command:
        case Place(placed):
            return () if order.placed else (placed,)
        case Cancel():
            return _cancel(order, command)
        case Ship():
            return _move(order, OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderShipped())
        case Deliver():
            return _move(order, OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderDelivered())
        case _:
            return _pursue(order, command)


def _pursue(order: Order, command: StartPayment | RecordReservation | Confirm) -> tuple[OrderEvent, ...]:
    """What the saga asks for, which may do so again."""
    match command, order:
        case (StartPayment(asked), Order(payment_id=known)) if asked == known:
            return ()
        case (RecordReservation(asked), Order(reservation_id=known)) if asked == known:
            return ()
        case (StartPayment() | RecordReservation(), Order(status=OrderStatus.CANCELLED)):
            return ()
        case (StartPayment(payment_id), _):
            started = OrderPaymentStarted(payment_id)
            return _move(order, OrderStatus.PENDING, OrderStatus.PAYMENT_PROCESSING, started)
        case (RecordReservation(reservation_id), _):
            reserved = OrderStockReserved(reservation_id)
            return _move(order, OrderStatus.PAYMENT_PROCESSING, OrderStatus.INVENTORY_RESERVED, reserved)
    return _move(order, OrderStatus.INVENTORY_RESERVED, OrderStatus.CONFIRMED, OrderConfirmed())


def _cancel(order: Order, command: Cancel) -> tuple[OrderEvent, ...]:
    match order.status:
        case OrderStatus.CANCELLED if command.by is None:
            return ()
        case None | OrderStatus.CANCELLED | OrderStatus.SHIPPED | OrderStatus.DELIVERED:
            raise OrderTransitionError(order.status, OrderStatus.CANCELLED)
    return (OrderCancelled(command.failure_reason, command.by),)


def _move(
    order: Order, allowed: OrderStatus, wanted: OrderStatus, event: OrderEvent
) -> tuple[OrderEvent, ...]:
    if order.status is not allowed:
        raise OrderTransitionError(order.status, wanted)
    return (event,)


def _evolve(order: Order, event: OrderEvent) -> Order:
    match event:
        case OrderPlaced():
            return evolve(order, placed=event, status=OrderStatus.PENDING)
        case OrderPaymentStarted(payment_id):
            return evolve(order, status=OrderStatus.PAYMENT_PROCESSING, payment_id=payment_id)
        case OrderStockReserved(reservation_id):
            return evolve(order, status=OrderStatus.INVENTORY_RESERVED, reservation_id=reservation_id)
        case OrderConfirmed():
            return evolve(order, status=OrderStatus.CONFIRMED)
        case OrderShipped():
            return evolve(order, status=OrderStatus.SHIPPED)
        case OrderDelivered():
            return evolve(order, status=OrderStatus.DELIVERED)
        case OrderCancelled(failure_reason):
            return evolve(order, status=OrderStatus.CANCELLED, failure_reason=failure_reason)


ORDER = Decider(Order(), _decide, _evolve)
"""The rules of an order. Its streams are of the category `ORDER_CATEGORY`."""

ORDER_CATEGORY = "order"


def stream_of(order_id: OrderId) -> StreamId:
    """Where an order's events are."""
    return StreamId(ORDER_CATEGORY, order_id)
