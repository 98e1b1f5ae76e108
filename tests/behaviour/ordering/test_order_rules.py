"""What an order may become, and by whose word."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from builders import gbp
from builders.orders import an_order_placed
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.core.kernel import UserId
from quayside.core.ordering import (
    ORDER,
    Cancel,
    Confirm,
    Deliver,
    FailureReason,
    OrderCancelled,
    OrderCommand,
    OrderConfirmed,
    OrderDelivered,
    OrderEvent,
    OrderPaymentStarted,
    OrderPlaced,
    OrderShipped,
    OrderStatus,
    OrderStockReserved,
    OrderTransitionError,
    Place,
    RecordReservation,
    Ship,
    StartPayment,
)
from quayside.core.payments import PaymentId
from quayside.entrypoints.composition import EVENTS
from quayside.testing import Given

PLACED = an_order_placed()
PAYMENT = PaymentId(uuid4())
RESERVATION = uuid4()
SOMEBODY = UserId(uuid4())
LIFE: tuple[OrderEvent, ...] = (
    PLACED,
    OrderPaymentStarted(PAYMENT),
    OrderStockReserved(RESERVATION),
    OrderConfirmed(),
    OrderShipped(),
    OrderDelivered(),
)
STEPS: tuple[OrderCommand, ...] = (
    Place(PLACED),
    StartPayment(PAYMENT),
    RecordReservation(RESERVATION),
    Confirm(),
    Ship(),
    Deliver(),
)
CANCELLED = OrderCancelled(None, SOMEBODY)
GOLDEN = Path(__file__).parents[2] / "contract" / "golden"

given = Given(ORDER)


def after(count: int) -> tuple[OrderEvent, ...]:
    return LIFE[:count]


@pytest.mark.parametrize("count", range(len(LIFE)))
def test_each_step_follows_the_one_before(count: int) -> None:
    given(*after(count)).when(STEPS[count]).then(LIFE[count])


def test_every_step_is_a_status_of_its_own() -> None:
    statuses = [ORDER.fold(ORDER.initial, after(count)).status for count in range(1, len(LIFE) + 1)]

    assert [*statuses, OrderStatus.CANCELLED] == list(OrderStatus)


@pytest.mark.parametrize("count", range(len(LIFE) + 1))
@pytest.mark.parametrize("step", range(1, len(STEPS)))
def test_no_step_is_taken_out_of_its_turn(count: int, step: int) -> None:
    once_more = 0 < step < 3 and step < count  # the saga may ask again for what was done
    if step != count:
        given(*after(count)).when(STEPS[step]).then(*(() if once_more else (OrderTransitionError,)))


def test_what_was_placed_is_not_placed_again() -> None:
    for count in range(1, len(LIFE) + 1):
        given(*after(count)).when(Place(an_order_placed())).then()


def test_a_step_with_another_payment_or_reservation_is_refused() -> None:
    given(*after(2)).when(StartPayment(PaymentId(uuid4()))).then(OrderTransitionError)
    given(*after(3)).when(RecordReservation(uuid4())).then(OrderTransitionError)


@pytest.mark.parametrize("count", range(1, 5))
def test_it_is_cancelled_until_it_is_shipped(count: int) -> None:
    given(*after(count)).when(Cancel(by=SOMEBODY)).then(CANCELLED)

    failed = OrderCancelled(FailureReason.TIMEOUT, None)
    given(*after(count)).when(Cancel(FailureReason.TIMEOUT)).then(failed)


@pytest.mark.parametrize("happened", [(), after(5), after(6)])
def test_it_is_not_cancelled_before_it_is_placed_nor_once_it_is_shipped(
    happened: tuple[OrderEvent, ...],
) -> None:
    for command in (Cancel(by=SOMEBODY), Cancel(FailureReason.TIMEOUT)):
        given(*happened).when(command).then(OrderTransitionError)


@pytest.mark.parametrize("count", range(1, 5))
def test_a_cancelled_order_stays_so_and_the_saga_is_held_up_only_where_it_has_to_undo(count: int) -> None:
    cancelled = given(*after(count), CANCELLED)

    for ignored in (STEPS[1], STEPS[2], Cancel(FailureReason.TIMEOUT)):
        cancelled.when(ignored).then()
    for refused in (Confirm(), Ship(), Deliver(), Cancel(by=SOMEBODY)):
        cancelled.when(refused).then(OrderTransitionError)


def test_it_says_why_it_was_given_up() -> None:
    order = ORDER.fold(ORDER.initial, (*after(2), OrderCancelled(FailureReason.PAYMENT_DECLINED, None)))

    assert order.failure_reason is FailureReason.PAYMENT_DECLINED
    assert order.payment_id == PAYMENT


def test_an_order_of_the_time_without_tax_and_shipping_costs_what_it_did() -> None:
    for stored in json.loads((GOLDEN / "OrderPlaced.1.json").read_text("utf-8")):
        placed = MsgspecEventCodec(EVENTS).decode("OrderPlaced", 1, json.dumps(stored))

        assert isinstance(placed, OrderPlaced)
        assert placed.total == gbp("39.94") == placed.items_total - placed.discount_total
        assert placed.tax_total == placed.shipping_cost == gbp("0.00")
