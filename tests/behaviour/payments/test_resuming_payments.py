"""Taking a payment that was begun before, under the same id: what is done stays done, and is done once."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from builders import (
    ANSWER_LOST,
    APPROVED,
    CAPTURE_DECLINED,
    DECLINED,
    SLOW,
    UNREACHABLE,
    Business,
    a_card,
    a_payment_request,
    gbp,
)
from builders.gateways import Killed, a_deadly_gateway
from builders.saving import FailingPayments
from quayside.core.kernel import ConcurrencyConflictError, UnavailableError, UserId
from quayside.core.payments import (
    CardDeclinedError,
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    Payment,
    PaymentId,
    PaymentNotChargedError,
    PaymentRequest,
    PaymentStatus,
)

AN_ID = PaymentId(UUID(int=7))
WHOLE_STORY = ["PaymentReceived", "PaymentAuthorized", "PaymentCaptured"]


def paid_by(number: str) -> PaymentRequest:
    return a_payment_request(paying_card_details=a_card(number))


async def begun(business: Business, card: str, call: str, *, does_it: bool) -> None:
    """Begin the payment, and die while the gateway is asked for *call*."""
    gateway = a_deadly_gateway(business.gateway, call, does_it=does_it)
    with pytest.raises(Killed):
        await evolve(business.process_payment, gateway=gateway)(paid_by(card), payment_id=AN_ID)


async def resumed(business: Business, card: str = APPROVED, **changes: Any) -> Payment:
    process_payment = evolve(business.process_payment, **changes)
    return await process_payment(paid_by(card), payment_id=AN_ID)


async def taken_at_gateway(business: Business) -> str:
    record = await business.gateway.look_up(f"{AN_ID}/authorize")
    return record.captured.amount_text if record else "never asked"


@pytest.mark.parametrize("does_it", [False, True])
@pytest.mark.parametrize("call", ["tokenize", "authorize", "capture"])
async def test_a_payment_whose_process_died_is_completed_and_charged_once(
    business: Business, call: str, *, does_it: bool
) -> None:
    await begun(business, APPROVED, call, does_it=does_it)

    payment = await resumed(business)

    assert (payment.id, payment.status) == (AN_ID, PaymentStatus.COMPLETED)
    assert await business.story_of(payment) == WHOLE_STORY
    assert await taken_at_gateway(business) == "19.99"
    assert len(await business.payments()) == 1


@pytest.mark.parametrize("saves", [0, 1, 2])
async def test_what_could_not_be_recorded_is_recorded_the_next_time(business: Business, saves: int) -> None:
    with suppress(UnavailableError):
        await resumed(business, payments=FailingPayments(business.store.committed_payments, saves))

    payment = await resumed(business)

    assert await business.story_of(payment) == WHOLE_STORY
    assert await taken_at_gateway(business) == "19.99"


async def test_a_completed_payment_is_given_back_as_it_is(business: Business) -> None:
    first = await resumed(business)

    again = await resumed(business)

    assert (again.id, again.version) == (first.id, first.version)
    assert await taken_at_gateway(business) == "19.99"


@pytest.mark.parametrize(
    ("card", "refusal"),
    [
        (DECLINED, CardDeclinedError),
        (CAPTURE_DECLINED, CardDeclinedError),
        (UNREACHABLE, PaymentNotChargedError),
    ],
)
async def test_a_failed_payment_is_refused_as_it_was_the_first_time(
    business: Business, card: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal) as first:
        await resumed(business, card)

    with pytest.raises(refusal) as again:
        await resumed(business, card)

    assert str(again.value) == str(first.value)
    assert len(await business.payments()) == 1


@pytest.mark.parametrize(("call", "does_it"), [("capture", True), ("void", False), ("void", True)])
async def test_a_refused_capture_is_undone_by_whoever_resumes(
    business: Business, call: str, *, does_it: bool
) -> None:
    await begun(business, CAPTURE_DECLINED, call, does_it=does_it)

    with pytest.raises(CardDeclinedError):
        await resumed(business, CAPTURE_DECLINED)

    record = await business.gateway.look_up(f"{AN_ID}/authorize")
    assert record is not None
    assert record.voided


async def test_a_lost_answer_is_found_again(business: Business) -> None:
    pending = await resumed(business, ANSWER_LOST)

    payment = await resumed(business, ANSWER_LOST)

    assert pending.status is PaymentStatus.PENDING
    assert payment.status is PaymentStatus.COMPLETED


@pytest.mark.parametrize("call", ["look_up", "authorize"])
@pytest.mark.parametrize("failure", [GatewayUnreachableError, GatewayOutcomeUnknownError])
async def test_a_gateway_that_is_away_when_it_is_asked_again_says_nothing_of_the_first_time(
    business: Business, call: str, failure: type[BaseException]
) -> None:
    await begun(business, APPROVED, "authorize", does_it=False)
    away = a_deadly_gateway(business.gateway, call, does_it=False, failure=failure)

    payment = await resumed(business, gateway=away)

    assert payment.status is PaymentStatus.PENDING
    assert payment.awaits_gateway


async def test_two_who_take_it_on_at_once_charge_it_once_and_agree(business: Business) -> None:
    both_ask = asyncio.Barrier(2)
    business.while_slow = both_ask.wait

    payments = await asyncio.gather(resumed(business, SLOW), resumed(business, SLOW))

    assert [payment.status for payment in payments] == [PaymentStatus.COMPLETED] * 2
    assert await business.story_of(payments[0]) == WHOLE_STORY
    assert await taken_at_gateway(business) == "19.99"


async def test_a_payment_that_needs_a_person_is_left_alone(business: Business) -> None:
    await begun(business, APPROVED, "authorize", does_it=True)
    async with business.store.begin() as tx:
        payment = await tx.payments.get(AN_ID)
        await tx.payments.save(payment, payment.flag(payment.attempts[0], at=payment.created_at))

    left = await resumed(business)

    assert left.status is PaymentStatus.PENDING


@pytest.mark.parametrize("changes", [{"amount": "20.00"}, {"capture": False}, {"card_id": "another"}])
async def test_an_id_is_good_for_one_payment(business: Business, changes: dict[str, object]) -> None:
    await resumed(business)

    with pytest.raises(ConcurrencyConflictError):
        await business.process_payment(a_payment_request(**changes), payment_id=AN_ID)


async def test_a_payment_is_resumed_by_its_maker_alone(business: Business) -> None:
    await resumed(business)

    with pytest.raises(ConcurrencyConflictError):
        await business.process_payment(a_payment_request(), payment_id=AN_ID, created_by=UserId(uuid4()))


async def test_what_was_taken_on_holds_the_amount_that_was_asked_for(business: Business) -> None:
    await begun(business, APPROVED, "authorize", does_it=True)

    payment = await resumed(business)

    assert (payment.amount, payment.captured) == (gbp("19.99"), gbp("19.99"))
