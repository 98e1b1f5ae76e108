"""Orders that cannot be undone by themselves: a person looks at them, tries again, or puts them right."""

from uuid import UUID

import pytest

from builders.fulfilment import House
from quayside.core.fulfilment import ORDER_FULFILMENT, Phase
from quayside.core.ordering import FailureReason, OrderStatus
from quayside.core.payments import PaymentStatus


@pytest.fixture
async def house() -> House:
    house = House()
    await house.opens()
    return house


async def cancelled_and_not_refunded(house: House) -> UUID:
    """An order whose payment the gateway could not give back for so long that a person has to look."""
    order_id = await house.places()
    await house.works()
    house.gateway.moods["refund"] = "unreachable"
    await house.cancels(order_id)
    await house.works()
    for _ in range(20):
        await house.passes(120)
    return order_id


async def test_what_cannot_be_undone_needs_a_person_in_the_end_who_has_it_tried_again(house: House) -> None:
    house.gateway.moods["void"] = "unreachable"
    order_id = await house.places(quantity=11)
    await house.works()
    for _ in range(20):
        await house.passes(120)

    [saga] = await house.store.open_sagas.list(needs_attention=True)
    assert (saga.id, saga.step, saga.attention) == (order_id, "authorize", "keeps_failing")
    assert (await house.order(order_id)).status is not OrderStatus.CANCELLED
    assert (await house.payment(order_id)).needs_attention

    house.gateway.moods = {}
    await house.settles()
    assert (await house.payment(order_id)).status is PaymentStatus.PROCESSING  # nobody but a person goes on
    assert await house.fulfilment.runner.retry(order_id)
    assert not (await house.payment(order_id)).needs_attention
    await house.settles()
    await house.works()
    assert (await house.order(order_id)).failure_reason is FailureReason.INSUFFICIENT_STOCK
    assert not await house.fulfilment.runner.retry(order_id)


async def test_what_the_gateway_does_not_give_back_needs_a_person_at_once(house: House) -> None:
    order_id = await house.places()
    await house.works()
    house.gateway.moods["refund"] = "declined"
    await house.cancels(order_id)
    await house.works()
    payment = await house.payment(order_id)
    assert (await house.saga(order_id)).attention == "refund_declined"
    assert (payment.status, payment.needs_attention) == (PaymentStatus.COMPLETED, True)

    house.gateway.moods = {}
    await house.fulfilment.runner.retry(order_id)
    await house.works()

    assert not (await house.payment(order_id)).needs_attention
    assert (await house.reserved(), await house.charged()) == (0, 0)


async def test_what_was_resolved_at_the_payment_is_tried_again_at_the_saga(house: House) -> None:
    order_id = await cancelled_and_not_refunded(house)
    payment = await house.payment(order_id)
    assert (payment.status, payment.needs_attention) == (PaymentStatus.COMPLETED, True)

    house.gateway.moods = {}
    await house.business.resolve_attention(payment.id)
    await house.settles()
    await house.fulfilment.runner.retry(order_id)
    await house.works()

    assert (await house.saga(order_id)).phase is Phase.CANCELLED
    assert (await house.reserved(), await house.charged()) == (0, 0)
    assert not (await house.payment(order_id)).needs_attention


async def test_what_a_person_has_put_right_is_left_out_and_the_rest_undone(house: House) -> None:
    order_id = await cancelled_and_not_refunded(house)
    assert await house.reserved() == 1

    assert await house.fulfilment.runner.abandon(order_id)
    await house.works()

    assert await house.reserved() == 0
    # The hold was captured, and its refund is still owed: the saga does not take that for undone.
    assert (await house.saga(order_id)).phase is Phase.BACKWARD


async def test_an_order_whose_payment_needs_a_person_needs_one_too(house: House) -> None:
    house.gateway.moods["authorize"] = "another_amount"
    order_id = await house.places()
    await house.works()
    assert (await house.saga(order_id)).attention == "payment_needs_attention"

    await house.business.resolve_attention((await house.payment(order_id)).id, gives_up=True)
    await house.fulfilment.runner.retry(order_id)
    await house.works()

    order = await house.order(order_id)
    assert (order.status, order.failure_reason) == (OrderStatus.CANCELLED, FailureReason.PAYMENT_DECLINED)


async def test_a_worker_that_comes_late_leaves_it_to_the_person_who_has_been_asked(house: House) -> None:
    house.gateway.moods["void"] = "unreachable"
    order_id = await house.places(quantity=11)
    await house.works()
    runner, last = house.fulfilment.runner, ORDER_FULFILMENT.undoing.most_attempts - 1

    async def be_overtaken(_: str) -> None:
        saga = await house.saga(order_id)
        if saga.pending and saga.pending.attempts == last:
            house.gateway.before = None
            events = await house.store.events.read_stream(runner.stream(order_id))
            await runner.answer(events[-1])
            house.gateway.moods = {}

    house.gateway.before = be_overtaken
    for _ in range(20):
        await house.passes(120)
    assert (await house.saga(order_id)).attention == "keeps_failing"
    assert (await house.payment(order_id)).needs_attention

    assert await runner.retry(order_id)
    assert not (await house.payment(order_id)).needs_attention
    await house.settles()
    await house.works()
    assert (await house.order(order_id)).status is OrderStatus.CANCELLED
