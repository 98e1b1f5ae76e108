"""An order is paid and its stock kept, or it is as if nothing had been: whatever fails, whoever cancels, and when."""

import asyncio
from collections import Counter

import pytest
from attrs import evolve

from builders.fulfilment import House
from builders.payments import (
    ANSWER_LOST,
    APPROVED,
    CAPTURE_DECLINED,
    DECLINED,
    SLOW,
    UNREACHABLE,
)
from quayside.core.eventlog import StreamId, UnknownEvent
from quayside.core.fulfilment import ORDER_FULFILMENT, Outcome, Phase, Request, StepWork
from quayside.core.ordering import FailureReason, OrderStatus
from quayside.core.payments import PaymentStatus

CATEGORIES = {ORDER_FULFILMENT.category, "order", "payment", "reservation"}


@pytest.fixture
async def house() -> House:
    house = House()
    await house.opens()
    return house


async def test_an_order_is_authorized_reserved_captured_and_confirmed(house: House) -> None:
    order_id = await house.places(quantity=3)

    await house.works()

    order, payment = await house.order(order_id), await house.payment(order_id)
    assert (order.status, order.payment_id) == (OrderStatus.CONFIRMED, payment.id)
    assert (payment.status, payment.captured) == (PaymentStatus.COMPLETED, payment.amount)
    assert (await house.reserved(), await house.charged()) == (3, 6000)
    assert await house.story(order_id) == [
        "SagaStarted",
        "PaymentAuthorizationRequested",
        "StepSucceeded",
        "StockReservationRequested",
        "StepSucceeded",
        "AuthorizationCaptureRequested",
        "StepSucceeded",
        "OrderConfirmationRequested",
        "StepSucceeded",
        "SagaCompleted",
    ]


async def test_all_that_an_order_sets_off_is_of_one_correlation_and_has_causes_that_exist(
    house: House,
) -> None:
    order_id = await house.places(card=ANSWER_LOST)
    await house.works()
    await house.passes(1)
    recorded = [each for each in await house.recorded() if each.stream.category in CATEGORIES]

    order = await house.store.events.read_stream(StreamId("order", order_id))
    assert [each.event.type_name() for each in order] == [
        "OrderPlaced",
        "OrderPaymentStarted",
        "OrderStockReserved",
        "OrderConfirmed",
    ]
    assert len({each.envelope.correlation_id for each in recorded}) == 1
    assert {each.envelope.causation_id for each in recorded} - {each.envelope.id for each in recorded} == {
        None
    }
    assert [each.event.type_name() for each in recorded if not each.envelope.causation_id] == ["OrderPlaced"]


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (DECLINED, FailureReason.PAYMENT_DECLINED),
        (UNREACHABLE, FailureReason.PAYMENT_UNAVAILABLE),
        (CAPTURE_DECLINED, FailureReason.CAPTURE_DECLINED),
    ],
)
async def test_an_order_whose_card_is_refused_is_cancelled_and_leaves_nothing(
    house: House, card: str, reason: FailureReason
) -> None:
    order_id = await house.places(card)

    await house.works()

    order, payment = await house.order(order_id), await house.payment(order_id)
    assert (order.status, order.failure_reason) == (OrderStatus.CANCELLED, reason)
    assert payment.status in {PaymentStatus.FAILED, PaymentStatus.CANCELLED}
    assert (await house.reserved(), await house.charged()) == (0, 0)


@pytest.mark.parametrize(("quantity", "warehouse"), [(11, "LEEDS"), (1, "YORK"), (1, None)])
async def test_an_order_that_no_warehouse_can_keep_is_cancelled_and_its_hold_let_go(
    house: House, quantity: int, warehouse: str | None
) -> None:
    order_id = await house.places(quantity=quantity, warehouse=warehouse)

    await house.works()

    order, payment = await house.order(order_id), await house.payment(order_id)
    assert (order.status, order.failure_reason) == (OrderStatus.CANCELLED, FailureReason.INSUFFICIENT_STOCK)
    assert payment.status is PaymentStatus.CANCELLED
    assert (await house.reserved(), await house.charged()) == (0, 0)


@pytest.mark.parametrize("wakes_up", ["before it is recorded", "afterwards"])
async def test_who_reserves_late_keeps_nothing_for_an_order_that_was_refused_meanwhile(
    house: House, wakes_up: str
) -> None:
    order_id = await house.places(quantity=11)
    await house.works_once()
    await house.works_once()
    requested, saga = (await house.recorded())[-1], await house.saga(order_id)
    assert requested.event.type_name() == "StockReservationRequested"
    reserve = house.fulfilment.runner.work["reserve"]

    async def refused_just_now(request: Request) -> Outcome:
        refusal = await reserve.do(request)
        await house.stock.has_in("LEEDS", **{"BLUE-VASE": 11})
        if wakes_up == "before it is recorded":
            await reserve.do(request)
        return refusal

    work = {**house.fulfilment.runner.work, "reserve": StepWork(refused_just_now, reserve.undo)}
    await evolve(house.fulfilment.runner, work=work).answer(requested)
    await reserve.do(Request(order_id, requested.envelope.id, is_settling=False, keys=saga.keys))
    await house.works()

    assert (await house.order(order_id)).failure_reason is FailureReason.INSUFFICIENT_STOCK
    assert (await house.reserved(), await house.charged()) == (0, 0)


@pytest.mark.parametrize("card", [ANSWER_LOST, SLOW])
async def test_an_order_whose_gateway_is_slow_or_loses_its_answer_is_charged_once(
    house: House, card: str
) -> None:
    order_id = await house.places(card)

    await house.works()
    await house.passes(1)

    assert (await house.order(order_id)).status is OrderStatus.CONFIRMED
    assert await house.charged() == 2000
    assert house.gateway.calls["capture"] == 1


@pytest.mark.parametrize("call", ["authorize", "capture"])
async def test_a_lost_answer_is_found_out_before_anything_is_undone(house: House, call: str) -> None:
    house.gateway.moods[call] = "answer_lost"
    order_id = await house.places()
    await house.works()

    house.gateway.moods = dict.fromkeys(("void", "refund"), "answer_lost")
    await house.cancels(order_id)
    await house.works()
    for _ in range(9):
        await house.passes(10)
        house.gateway.moods = {}

    assert (await house.saga(order_id)).phase is Phase.CANCELLED
    assert (await house.reserved(), await house.charged()) == (0, 0)
    story = await house.story(order_id)
    assert story.index("StepPutOff") < story.index("SagaGivenUp") < story.index("AuthorizationVoidRequested")


@pytest.mark.parametrize("answered", range(9))
async def test_a_cancel_wins_at_once_wherever_the_saga_is_and_what_was_done_is_undone(
    house: House, answered: int
) -> None:
    order_id = await house.places()
    for _ in range(answered):
        await house.works_once()

    await house.cancels(order_id)
    assert (await house.order(order_id)).status is OrderStatus.CANCELLED
    await house.works()

    order, saga = await house.order(order_id), await house.saga(order_id)
    assert (order.status, order.failure_reason) == (OrderStatus.CANCELLED, None)
    assert saga.phase in {Phase.CANCELLED, Phase.NEW}
    assert (await house.reserved(), await house.charged()) == (0, 0)
    for payment in await house.business.payments():
        assert payment.status is not PaymentStatus.PROCESSING


@pytest.mark.parametrize("call", ["authorize", "capture"])
async def test_what_succeeds_after_a_cancel_is_undone(house: House, call: str) -> None:
    order_id = await house.places()

    async def cancel(name: str) -> None:
        if name == call:
            house.gateway.before = None
            await house.cancels(order_id)

    house.gateway.before = cancel
    await house.works()

    assert house.gateway.calls[call] == 1
    assert (await house.saga(order_id)).phase is Phase.CANCELLED
    assert (await house.reserved(), await house.charged()) == (0, 0)


async def test_what_was_cancelled_before_the_card_was_asked_never_asks_it(house: House) -> None:
    order_id = await house.places()
    await house.works_once()  # the saga is begun

    await house.cancels(order_id)
    await house.works()

    assert house.gateway.calls.total() == 0
    assert (await house.payment(order_id)).status is PaymentStatus.FAILED


@pytest.mark.parametrize(
    ("mood", "reason"),
    [("unreachable", FailureReason.TIMEOUT), ("answer_lost", FailureReason.TIMEOUT)],
)
async def test_an_order_that_takes_too_long_is_cancelled_at_once_and_what_is_open_is_settled_then(
    house: House, mood: str, reason: FailureReason
) -> None:
    house.gateway.moods = {"capture": mood, "void": "unreachable", "refund": "unreachable"}
    order_id = await house.places()
    await house.works()
    payment = await house.payment(order_id)
    stuck = payment.awaits_gateway

    for _ in range(12):
        house.gateway.moods["capture"] = "unreachable"
        await house.passes(11)
    order = await house.order(order_id)
    assert (order.status, order.failure_reason, stuck) == (OrderStatus.CANCELLED, reason, True)
    assert (await house.saga(order_id)).phase is Phase.BACKWARD

    house.gateway.moods = {}
    for _ in range(5):
        await house.passes(120)
    assert (await house.saga(order_id)).phase is Phase.CANCELLED
    assert (await house.reserved(), await house.charged()) == (0, 0)


async def test_no_order_is_open_beyond_the_deadline_though_nobody_did_anything_for_it(house: House) -> None:
    order_id = await house.places()
    await house.works_once()

    house.business.clock.advance(ORDER_FULFILMENT.deadline)
    await house.looks_at_the_clock()

    order = await house.order(order_id)
    assert (order.status, order.failure_reason) == (OrderStatus.CANCELLED, FailureReason.TIMEOUT)
    await house.works()
    assert house.gateway.calls.total() == 0


async def test_a_saga_that_nobody_understands_stops_the_clock_of_no_other(house: House) -> None:
    broken, other = await house.places(), await house.places()
    await house.works_once()
    await house.works_once()
    stream = StreamId(ORDER_FULFILMENT.category, broken)
    async with house.store.begin() as tx:
        await tx.events.append(stream, house.recorder([UnknownEvent("StepSkipped", 1, "{}")]), 2)

    house.business.clock.advance(ORDER_FULFILMENT.deadline)
    await house.looks_at_the_clock()

    assert (await house.order(other)).failure_reason is FailureReason.TIMEOUT
    assert (await house.order(broken)).status is OrderStatus.PAYMENT_PROCESSING


async def test_whatever_is_answered_twice_or_late_changes_nothing(house: House) -> None:
    first, second = await house.places(), await house.places(card=DECLINED)
    await house.works()
    before = await house.recorded()

    for recorded in before:
        if house.subscription.of.lets_through(recorded):
            await house.subscription.handle(recorded)

    assert await house.recorded() == before
    assert (await house.order(first)).status is OrderStatus.CONFIRMED
    assert (await house.order(second)).status is OrderStatus.CANCELLED


@pytest.mark.parametrize("card", [APPROVED, DECLINED, CAPTURE_DECLINED])
async def test_of_workers_that_do_the_same_at_once_one_records_it(house: House, card: str) -> None:
    async def hang(_: str) -> None:
        await asyncio.sleep(0)

    house.gateway.before = hang
    order_id = await house.places(card)
    for which in range(20):
        wanted = [each for each in await house.recorded() if house.subscription.of.lets_through(each)]
        if which < len(wanted):
            await asyncio.gather(*(house.subscription.handle(wanted[which]) for _ in range(3)))

    story = await house.story(order_id)
    assert Counter(story).most_common(1)[0][1] <= 4
    assert story[-1] in {"SagaCompleted", "SagaCancelled"}
    expected = 0 if card != APPROVED else 2000
    assert await house.charged() == expected
    steps = [name for name in story if name.endswith("Requested")]
    assert len(steps) == len({*steps})


async def test_cards_that_take_long_hold_up_no_other_order(house: House) -> None:
    answers = asyncio.Event()
    house.business.while_slow = answers.wait
    slow, *_ = [await house.places(card=SLOW) for _ in range(60)]
    other = await house.places()
    working = asyncio.create_task(house.works())

    async with asyncio.timeout(10):
        while (await house.order(other)).status is not OrderStatus.CONFIRMED:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
    assert (await house.order(slow)).status is OrderStatus.PAYMENT_PROCESSING

    answers.set()
    await working
    assert (await house.order(slow)).status is OrderStatus.CONFIRMED


async def test_what_is_not_allowed_any_more_is_still_found_out_about(house: House) -> None:
    order_id = await house.places(card=ANSWER_LOST)
    await house.works()

    house.form.refuses = True
    await house.business.settle_payment((await house.payment(order_id)).id)
    await house.passes(1)

    assert (await house.order(order_id)).status is OrderStatus.CONFIRMED
