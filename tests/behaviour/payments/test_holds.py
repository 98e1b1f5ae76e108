"""Capturing and cancelling what is held."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from builders import APPROVED, CAPTURE_DECLINED, Business, a_card, a_payment_request, gbp
from builders.gateways import Killed, a_deadly_gateway
from quayside.core.kernel import BusinessRuleError, ValidationFailedError
from quayside.core.payments import (
    CaptureExceedsAuthorizationError,
    CaptureRequest,
    CardDeclinedError,
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    InvalidStateTransitionError,
    Payment,
    PaymentBusyError,
    PaymentStatus,
)

AN_OPERATION = UUID(int=1)
WHOLE = CaptureRequest()


async def a_hold(business: Business, card: str = APPROVED) -> Payment:
    return await business.take(
        a_payment_request(amount="20.00", capture=False, paying_card_details=a_card(card))
    )


async def captured(business: Business, hold: Payment, amount: str | None = None, **changes: Any) -> Payment:
    capture_payment = evolve(business.capture_payment, **changes)
    return await capture_payment(None, hold.id, CaptureRequest(amount=amount), operation_id=uuid4())


async def cancelled(business: Business, hold: Payment, **changes: Any) -> Payment:
    return await evolve(business.cancel_payment, **changes)(None, hold.id, operation_id=uuid4())


async def at_gateway(business: Business, hold: Payment) -> tuple[str, bool]:
    record = await business.gateway.look_up(f"{hold.id}/authorize")
    assert record is not None
    return record.captured.amount_text, record.voided


@pytest.mark.parametrize(("amount", "taken"), [(None, "20.00"), ("20.00", "20.00"), ("0.01", "0.01")])
async def test_a_hold_is_taken_whole_or_in_part(business: Business, amount: str | None, taken: str) -> None:
    payment = await captured(business, await a_hold(business), amount)

    assert (payment.status, payment.captured) == (PaymentStatus.COMPLETED, gbp(taken))
    assert await at_gateway(business, payment) == (taken, False)
    assert (await business.story_of(payment))[-2:] == ["PaymentCaptureRequested", "PaymentCaptured"]


async def test_a_hold_is_let_go(business: Business) -> None:
    payment = await cancelled(business, await a_hold(business))

    assert payment.status is PaymentStatus.CANCELLED
    assert await at_gateway(business, payment) == ("0.00", True)
    assert (await business.story_of(payment))[-2:] == ["PaymentVoidRequested", "PaymentCancelled"]


async def test_more_than_is_held_is_not_taken(business: Business) -> None:
    hold = await a_hold(business)

    with pytest.raises(CaptureExceedsAuthorizationError):
        await captured(business, hold, "20.01")

    assert await at_gateway(business, hold) == ("0.00", False)


@pytest.mark.parametrize("amount", ["0.00", "0.001", "-1.00", "much", "9" * 40])
async def test_what_is_no_amount_is_refused(business: Business, amount: str) -> None:
    hold = await a_hold(business)

    with pytest.raises(ValidationFailedError) as refusal:
        await captured(business, hold, amount)

    assert [error.field for error in refusal.value.field_errors] == ["amount"]


async def test_a_refused_capture_leaves_the_hold_as_it_was(business: Business) -> None:
    hold = await a_hold(business, CAPTURE_DECLINED)

    for _ in range(2):
        with pytest.raises(CardDeclinedError):
            await captured(business, hold)

    [payment] = await business.payments()
    assert (payment.status, payment.failure, payment.awaits_gateway) == ("Processing", None, False)
    assert (await cancelled(business, hold)).status is PaymentStatus.CANCELLED


async def test_what_is_in_a_final_state_is_neither_captured_nor_cancelled(business: Business) -> None:
    completed, gone = await captured(business, await a_hold(business)), await a_hold(business)
    await cancelled(business, gone)

    for payment in (completed, gone):
        with pytest.raises(InvalidStateTransitionError):
            await captured(business, payment)
        with pytest.raises(InvalidStateTransitionError):
            await cancelled(business, payment)


@pytest.mark.parametrize("failure", [GatewayOutcomeUnknownError, GatewayUnreachableError])
@pytest.mark.parametrize(("call", "does_it"), [("capture", True), ("capture", False), ("void", True)])
async def test_an_answer_that_is_not_known_is_settled(
    business: Business, call: str, failure: type[Exception], *, does_it: bool
) -> None:
    hold = await a_hold(business)
    deadly = a_deadly_gateway(business.gateway, call, does_it=does_it, failure=failure)

    if call == "capture":
        waiting = await captured(business, hold, "5.00", gateway=deadly)
    else:
        waiting = await cancelled(business, hold, gateway=deadly)
    with pytest.raises(PaymentBusyError):
        await captured(business, hold)
    settled = await business.settle_payment(hold.id)

    assert (waiting.status, waiting.awaits_gateway) == (PaymentStatus.PROCESSING, True)
    assert settled.status == ("Completed" if call == "capture" else "Cancelled")
    assert await at_gateway(business, hold) == (("5.00", False) if call == "capture" else ("0.00", True))
    assert (await business.story_of(hold))[-2] == "PaymentOutcomeUnknown"


@pytest.mark.parametrize("does_it", [False, True])
async def test_the_same_operation_goes_on_where_its_process_died(
    business: Business, *, does_it: bool
) -> None:
    hold = await a_hold(business)
    deadly = a_deadly_gateway(business.gateway, "capture", does_it=does_it)
    capture = business.capture_payment
    with pytest.raises(Killed):
        await evolve(capture, gateway=deadly)(None, hold.id, WHOLE, operation_id=AN_OPERATION)

    first = await capture(None, hold.id, WHOLE, operation_id=AN_OPERATION)
    again = await capture(None, hold.id, WHOLE, operation_id=AN_OPERATION)

    assert (first.status, again.status, again.version) == ("Completed", "Completed", first.version)
    assert await at_gateway(business, hold) == ("20.00", False)


async def test_of_racing_captures_and_cancels_one_wins(business: Business) -> None:
    hold = await a_hold(business)

    outcomes = await asyncio.gather(
        *(captured(business, hold, "5.00") for _ in range(3)),
        *(cancelled(business, hold) for _ in range(3)),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, Payment) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, BusinessRuleError | PaymentBusyError) for outcome in outcomes) == 5


async def test_a_cancel_asked_for_once_more_is_the_cancel_it_was(business: Business) -> None:
    hold = await a_hold(business)

    first = await business.cancel_payment(None, hold.id, operation_id=AN_OPERATION)
    again = await business.cancel_payment(None, hold.id, operation_id=AN_OPERATION)

    assert (again.status, again.version) == (PaymentStatus.CANCELLED, first.version)
