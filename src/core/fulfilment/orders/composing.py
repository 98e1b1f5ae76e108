"""The saga of orders, put together."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from attrs import frozen

from ...eventlog import EventReader, EventSourced, ExternalSubscription, Recorder
from ...inventory import ReleaseReservation, ReserveStock
from ...ordering import ORDER, ORDER_CATEGORY
from ...payments import CancelPayment, CapturePayment, ProcessPayment, RefundPayment
from ...payments import Transaction as PaymentTransaction
from ..sagas.reacting import saga_work
from ..sagas.runner import SagaRunner
from .money import PaymentSteps
from .plan import ORDER_FULFILMENT
from .progress import OrderProgress, OrderReactions, ProgressTransaction
from .work import OrderWork

_AT_ONCE = 10


class Transaction(ProgressTransaction, PaymentTransaction, Protocol):
    """Everything reached through it commits or rolls back together."""


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]
"""Opens a transaction: a clean exit commits, an exception rolls back."""


@frozen
class OrderFulfilment:
    """
    What brings orders to their end.

    Args:
        runner: Their sagas.
        subscription: Begins them, does what they request, and takes them back.
    """

    runner: SagaRunner[Any]
    subscription: ExternalSubscription


def order_fulfilment(  # noqa: PLR0913 - none of them belongs to another
    *,
    begin: Begin,
    events: EventReader,
    recorder: Recorder,
    chance: Callable[[], float],
    process_payment: ProcessPayment,
    capture_payment: CapturePayment,
    cancel_payment: CancelPayment,
    refund_payment: RefundPayment,
    reserve_stock: ReserveStock,
    release_reservation: ReleaseReservation,
) -> OrderFulfilment:
    """Have orders fulfilled by these use cases."""
    orders = EventSourced(ORDER_CATEGORY, ORDER, recorder)
    money = PaymentSteps(
        begin=begin,
        capture_payment=capture_payment,
        cancel_payment=cancel_payment,
        refund_payment=refund_payment,
    )
    work = OrderWork(
        orders=orders,
        events=events,
        process_payment=process_payment,
        payment_steps=money,
        reserve_stock=reserve_stock,
        release_reservation=release_reservation,
    )
    runner = SagaRunner(
        plan=ORDER_FULFILMENT,
        work=work.by_step(),
        begin=begin,
        events=events,
        recorder=recorder,
        chance=chance,
        recording=OrderProgress(orders),
    )
    reactions = OrderReactions(runner, orders, events)
    subscription = saga_work("fulfil-orders", runner, at_once=_AT_ONCE, also=reactions.by_event())
    return OrderFulfilment(runner, subscription)
