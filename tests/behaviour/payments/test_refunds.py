"""Giving back what was captured."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from builders import Business, a_payment_request, gbp
from builders.gateways import Killed, a_deadly_gateway
from quayside.core.kernel import PageRequest, ValidationFailedError
from quayside.core.payments import (
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    InvalidStateTransitionError,
    Payment,
    PaymentBusyError,
    Refund,
    RefundExceedsCaptureError,
    RefundId,
    RefundRequest,
    RefundStatus,
)

AN_ID = RefundId(UUID(int=1))


async def refunded(business: Business, payment: Payment, amount: str | None = None, **changes: Any) -> Refund:
    refund_payment = evolve(business.refund_payment, **changes)
    request = RefundRequest(amount=amount)
    return await refund_payment(None, payment.id, request, refund_id=RefundId(uuid4()))


async def at_gateway(business: Business, payment: Payment) -> str:
    record = await business.gateway.look_up(f"{payment.id}/authorize")
    assert record is not None
    return record.refunded.amount_text


async def a_taken_payment(business: Business) -> Payment:
    return await business.take(a_payment_request(amount="20.00"))


async def test_what_was_taken_is_given_back_in_parts_and_then_the_rest(business: Business) -> None:
    payment = await a_taken_payment(business)

    parts = [await refunded(business, payment, amount) for amount in ("5.00", "5.00", None)]

    [after] = await business.payments()
    assert [part.amount for part in parts] == [gbp("5.00"), gbp("5.00"), gbp("10.00")]
    assert (after.status, after.refunded) == ("Completed", gbp("20.00"))
    assert await at_gateway(business, payment) == "20.00"
    assert (await business.story_of(payment))[-2:] == ["RefundRequested", "RefundSucceeded"]


@pytest.mark.parametrize("amount", ["15.01", "20.01", "99999.00"])
async def test_no_more_is_given_back_than_is_left(business: Business, amount: str) -> None:
    payment = await a_taken_payment(business)
    await refunded(business, payment, "5.00")

    with pytest.raises(RefundExceedsCaptureError):
        await refunded(business, payment, amount)

    assert await at_gateway(business, payment) == "5.00"


async def test_nothing_left_is_nothing_to_give_back(business: Business) -> None:
    payment = await a_taken_payment(business)
    await refunded(business, payment)

    with pytest.raises(RefundExceedsCaptureError):
        await refunded(business, payment)


@pytest.mark.parametrize("changes", [{"amount": "0.00"}, {"amount": "1.001"}, {"reason": "x" * 501}])
async def test_a_refund_keeps_the_rules(business: Business, changes: dict[str, str]) -> None:
    payment = await a_taken_payment(business)

    with pytest.raises(ValidationFailedError):
        await business.refund_payment(None, payment.id, RefundRequest(**changes), refund_id=AN_ID)


async def test_what_is_only_held_cannot_be_given_back(business: Business) -> None:
    hold = await business.take(a_payment_request(capture=False))

    with pytest.raises(InvalidStateTransitionError):
        await refunded(business, hold)


async def test_however_many_race_no_more_is_given_back_than_was_taken(business: Business) -> None:
    payment = await a_taken_payment(business)

    outcomes = await asyncio.gather(
        *(refunded(business, payment, "3.00") for _ in range(10)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Refund) for outcome in outcomes) == 6
    assert sum(isinstance(outcome, RefundExceedsCaptureError) for outcome in outcomes) == 4
    assert await at_gateway(business, payment) == "18.00"


@pytest.mark.parametrize("failure", [GatewayOutcomeUnknownError, GatewayUnreachableError])
@pytest.mark.parametrize("does_it", [False, True])
async def test_a_refund_whose_answer_is_not_known_counts_and_is_settled(
    business: Business, failure: type[Exception], *, does_it: bool
) -> None:
    payment = await a_taken_payment(business)
    away = a_deadly_gateway(business.gateway, "refund", does_it=does_it, failure=failure)

    pending = await refunded(business, payment, "15.00", gateway=away)
    with pytest.raises(RefundExceedsCaptureError):
        await refunded(business, payment, "5.01")
    settled = await business.settle_payment(payment.id)

    [refund] = (await business.store.refunds.list(payment.id, PageRequest())).items
    assert (pending.status, refund.status) == (RefundStatus.PENDING, RefundStatus.SUCCEEDED)
    assert (settled.refunded, settled.awaits_gateway) == (gbp("15.00"), False)
    assert await at_gateway(business, payment) == "15.00"


@pytest.mark.parametrize("does_it", [False, True])
async def test_the_same_refund_goes_on_where_its_process_died(business: Business, *, does_it: bool) -> None:
    payment = await a_taken_payment(business)
    deadly = a_deadly_gateway(business.gateway, "refund", does_it=does_it)
    request = RefundRequest(amount="5.00")
    with pytest.raises(Killed):
        await evolve(business.refund_payment, gateway=deadly)(None, payment.id, request, refund_id=AN_ID)

    first = await business.refund_payment(None, payment.id, request, refund_id=AN_ID)
    again = await business.refund_payment(None, payment.id, request, refund_id=AN_ID)

    assert first.status == again.status == RefundStatus.SUCCEEDED
    assert await at_gateway(business, payment) == "5.00"


async def test_a_refund_that_the_gateway_refuses_frees_what_it_would_have_given_back(
    business: Business,
) -> None:
    payment = await a_taken_payment(business)
    # Somebody has given it back at the gateway itself.
    assert payment.authorization_id is not None
    await business.gateway.refund("by hand", payment.authorization_id, gbp("20.00"))

    refund = await refunded(business, payment, "5.00")

    [after] = await business.payments()
    assert refund.status is RefundStatus.FAILED
    assert (after.refunded, after.refundable) == (gbp("0.00"), gbp("20.00"))
    assert (await business.story_of(payment))[-1] == "RefundFailed"


async def test_nothing_is_given_back_while_a_person_has_to_look(business: Business) -> None:
    payment = await a_taken_payment(business)
    away = a_deadly_gateway(business.gateway, "refund", does_it=False, failure=GatewayUnreachableError)
    await refunded(business, payment, "5.00", gateway=away)
    async with business.store.begin() as tx:
        flagged = await tx.payments.get(payment.id)
        await tx.payments.save(flagged, flagged.flag(flagged.attempts[0], at=business.clock()))

    with pytest.raises(PaymentBusyError):
        await refunded(business, payment, "1.00")


@pytest.mark.parametrize("flagged", [False, True])
async def test_a_payment_with_something_open_is_not_deleted(business: Business, *, flagged: bool) -> None:
    payment = await a_taken_payment(business)
    away = a_deadly_gateway(business.gateway, "refund", does_it=False, failure=GatewayUnreachableError)
    await refunded(business, payment, "5.00", gateway=away)
    async with business.store.begin() as tx:
        open_payment = await tx.payments.get(payment.id)
    if flagged:
        open_payment.flag(open_payment.attempts[0], at=business.clock())

    with pytest.raises(PaymentBusyError):
        open_payment.delete(at=business.clock())
