"""Settling what a lost answer or a crash left open: looked up at the gateway, completed or failed, charged once."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from builders import (
    ANSWER_LOST,
    APPROVED,
    CAPTURE_DECLINED,
    DECLINED,
    NOON,
    SLOW,
    Business,
    a_card,
    a_payment_request,
)
from builders.gateways import Killed, a_deadly_gateway
from builders.saving import FailingPayments
from quayside.core.payments import (
    GatewayOutcomeUnknownError,
    GatewayStep,
    GatewayUnreachableError,
    PaymentId,
    PaymentNotChargedError,
    PaymentNotFoundError,
    PaymentOutcomeUnknown,
    PaymentRequest,
    PaymentStatus,
)

AN_ID = PaymentId(UUID(int=7))


def paid_by(number: str, *, capture: bool = True) -> PaymentRequest:
    return a_payment_request(paying_card_details=a_card(number), capture=capture)


async def left_open(business: Business, card: str, call: str, *, does_it: bool) -> None:
    """A payment whose process died while the gateway was asked for *call*."""
    deadly = a_deadly_gateway(business.gateway, call, does_it=does_it)
    with pytest.raises(Killed):
        await evolve(business.process_payment, gateway=deadly)(paid_by(card), payment_id=AN_ID)


async def taken_at_gateway(business: Business, payment_id: PaymentId = AN_ID) -> str:
    record = await business.gateway.look_up(f"{payment_id}/authorize")
    return record.captured.amount_text if record else "never asked"


@pytest.mark.parametrize(("capture", "status"), [(True, "Completed"), (False, "Processing")])
async def test_a_lost_answer_settles_to_what_it_would_have_been(
    business: Business, *, capture: bool, status: str
) -> None:
    pending = await business.take(paid_by(ANSWER_LOST, capture=capture))

    settled = await business.settle_payment(pending.id)

    assert settled.status == status
    assert not settled.awaits_gateway
    assert await taken_at_gateway(business, settled.id) == ("19.99" if capture else "0.00")


async def test_a_lost_answer_tells_which_step_is_to_be_settled(business: Business) -> None:
    pending = await business.take(paid_by(ANSWER_LOST))

    [_, told] = await business.store.events.read_stream(pending.stream)
    assert told.event == PaymentOutcomeUnknown(pending.id, GatewayStep.AUTHORIZE, business.clock())


@pytest.mark.parametrize(
    ("card", "call", "does_it", "status", "taken"),
    [
        (APPROVED, "authorize", True, "Completed", "19.99"),
        (APPROVED, "capture", False, "Completed", "19.99"),
        (APPROVED, "capture", True, "Completed", "19.99"),
        (DECLINED, "authorize", True, "Failed", "0.00"),
        (CAPTURE_DECLINED, "capture", True, "Failed", "0.00"),
        (CAPTURE_DECLINED, "void", True, "Failed", "0.00"),
    ],
)
async def test_what_a_crash_left_open_is_settled_once(  # noqa: PLR0913 - what happened, and what is to come of it
    business: Business, card: str, call: str, status: str, taken: str, *, does_it: bool
) -> None:
    await left_open(business, card, call, does_it=does_it)

    settled = await business.settle_payment(AN_ID)
    again = await business.settle_payment(AN_ID, grace_is_over=True)

    assert (settled.status, settled.awaits_gateway) == (status, False)
    assert (again.status, again.version) == (settled.status, settled.version)
    assert await taken_at_gateway(business) == taken


async def test_a_payment_that_the_gateway_never_heard_of_fails_once_the_grace_is_over(
    business: Business,
) -> None:
    await left_open(business, APPROVED, "authorize", does_it=False)

    early = await business.settle_payment(AN_ID)
    late = await business.settle_payment(AN_ID, grace_is_over=True)

    assert (early.status, early.version) == (PaymentStatus.PENDING, 1)
    assert late.status is PaymentStatus.FAILED
    assert late.failure is not None
    assert late.failure.code == "external_service_error"


@pytest.mark.parametrize("is_resumed", [False, True])
async def test_what_is_held_for_a_payment_that_has_failed_meanwhile_is_let_go(
    business: Business, *, is_resumed: bool
) -> None:
    async def give_up() -> None:
        await business.settle_payment(AN_ID, grace_is_over=True)

    if is_resumed:
        await left_open(business, SLOW, "authorize", does_it=False)
    business.while_slow = give_up

    with pytest.raises(PaymentNotChargedError):
        await business.process_payment(paid_by(SLOW), payment_id=AN_ID)

    record = await business.gateway.look_up(f"{AN_ID}/authorize")
    assert record is not None
    assert record.voided


async def test_many_who_settle_at_once_agree_and_charge_once(business: Business) -> None:
    pending = await business.take(paid_by(ANSWER_LOST))

    settled = await asyncio.gather(*(business.settle_payment(pending.id) for _ in range(5)))

    assert {(payment.status, payment.version) for payment in settled} == {(PaymentStatus.COMPLETED, 4)}
    assert await taken_at_gateway(business, pending.id) == "19.99"


@pytest.mark.parametrize(
    ("call", "failure"),
    [
        ("look_up", GatewayUnreachableError),
        ("look_up", GatewayOutcomeUnknownError),
        ("capture", GatewayUnreachableError),
    ],
)
async def test_while_the_gateway_is_away_nothing_is_settled(
    business: Business, call: str, failure: type[Exception]
) -> None:
    await left_open(business, APPROVED, "authorize", does_it=True)
    away = a_deadly_gateway(business.gateway, call, does_it=False, failure=failure)

    with pytest.raises(failure):
        await evolve(business.settle_payment, gateway=away)(AN_ID, grace_is_over=True)

    assert (await business.settle_payment(AN_ID)).status is PaymentStatus.COMPLETED
    assert await taken_at_gateway(business) == "19.99"


async def test_a_payment_that_needs_a_person_is_not_settled(business: Business) -> None:
    await left_open(business, APPROVED, "authorize", does_it=True)
    async with business.store.begin() as tx:
        payment = await tx.payments.get(AN_ID)
        await tx.payments.save(payment, payment.flag(payment.attempts[0], at=NOON))

    settled = await business.settle_payment(AN_ID, grace_is_over=True)

    assert settled.status is PaymentStatus.PENDING


async def test_a_payment_that_waits_for_its_capture_to_be_asked_for_is_left_alone(business: Business) -> None:
    held = await business.take(paid_by(APPROVED, capture=False))

    settled = await business.settle_payment(held.id, grace_is_over=True)

    assert (settled.status, settled.version) == (PaymentStatus.PROCESSING, held.version)


async def test_an_unknown_payment_cannot_be_settled(business: Business) -> None:
    with pytest.raises(PaymentNotFoundError):
        await business.settle_payment(PaymentId(uuid4()))


async def test_a_lost_answer_that_cannot_be_noted_is_settled_all_the_same(business: Business) -> None:
    failing = FailingPayments(business.store.committed_payments, saves=1)

    process_payment = evolve(business.process_payment, payments=failing)
    pending = await process_payment(paid_by(ANSWER_LOST), payment_id=AN_ID)
    waiting = await business.store.payments.open_since(business.clock() + timedelta(seconds=1), 10)

    assert (pending.version, [each.id for each in waiting]) == (1, [AN_ID])
    assert (await business.settle_payment(AN_ID)).status is PaymentStatus.COMPLETED
