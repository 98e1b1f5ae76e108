"""Payments whose gateway answers what cannot be right: nothing moves until a person has looked."""

from typing import Any, cast
from uuid import uuid4

import pytest
from attrs import evolve, frozen

from builders import Business, a_payment_request, gbp, usd
from builders.gateways import Killed, a_deadly_gateway
from quayside.core.kernel import Money
from quayside.core.payments import (
    CaptureRequest,
    Difference,
    GatewayRejectedError,
    InvalidStateTransitionError,
    Payment,
    PaymentBusyError,
    PaymentGateway,
    PaymentNotFlaggedError,
    RefundId,
    RefundRequest,
    RefundStatus,
)

ANOTHER = gbp("1.00")


@frozen
class MistakenGateway:
    """A gateway that does what it is asked, and says that it was another amount."""

    gateway: PaymentGateway
    call: str
    says: Money

    def __getattr__(self, name: str) -> object:
        reached = getattr(self.gateway, name)
        if name != self.call:
            return reached

        async def mistaken(*arguments: object) -> Any:
            return evolve(await reached(*arguments), amount=self.says)

        return mistaken


def mistaken(business: Business, call: str, says: Money) -> PaymentGateway:
    return cast(PaymentGateway, MistakenGateway(business.gateway, call, says))


async def flagged_at(business: Business, call: str, says: Money = ANOTHER) -> Payment:
    """A payment of 19.99 whose gateway spoke of another amount in the middle of *call*."""
    gateway = mistaken(business, call, says)
    await evolve(business.process_payment, gateway=gateway)(a_payment_request())
    [payment] = await business.payments()
    if call == "refund":
        await evolve(business.refund_payment, gateway=gateway)(
            None, payment.id, RefundRequest(), refund_id=RefundId(uuid4())
        )
    [payment] = await business.payments()
    return payment


@pytest.mark.parametrize("says", [gbp("19.98"), gbp("20.00"), usd("19.99")])
@pytest.mark.parametrize(
    ("call", "status"), [("authorize", "Pending"), ("capture", "Processing"), ("refund", "Completed")]
)
async def test_another_amount_than_was_asked_for_needs_a_person(
    business: Business, call: str, status: str, says: Money
) -> None:
    payment = await flagged_at(business, call, says)

    assert (payment.status, payment.needs_attention, payment.refunded) == (status, True, gbp("0.00"))
    assert (await business.story_of(payment))[-1] == "PaymentFlagged"


@pytest.mark.parametrize("call", ["authorize", "capture", "refund"])
async def test_it_is_left_alone_until_it_is_resolved_and_settled_then(business: Business, call: str) -> None:
    payment = await flagged_at(business, call)

    left = await business.settle_payment(payment.id, grace_is_over=True)
    with pytest.raises((PaymentBusyError, InvalidStateTransitionError)):
        await business.capture_payment(None, payment.id, CaptureRequest(), operation_id=uuid4())
    await business.resolve_attention(payment.id)
    settled = await business.settle_payment(payment.id)

    assert left.version == payment.version
    assert (settled.status, settled.needs_attention) == ("Completed", False)
    assert settled.refunded == gbp("19.99" if call == "refund" else "0.00")


@pytest.mark.parametrize(
    ("call", "status"), [("authorize", "Failed"), ("capture", "Failed"), ("refund", "Completed")]
)
async def test_what_was_put_right_by_hand_can_be_given_up(business: Business, call: str, status: str) -> None:
    payment = await flagged_at(business, call)

    resolved = await business.resolve_attention(payment.id, gives_up=True)

    assert (resolved.status, resolved.needs_attention, resolved.awaits_gateway) == (status, False, False)
    if call == "refund":
        async with business.store.begin() as tx:
            refund_id = RefundId((await refund_ids(business, payment))[0])
            assert (await tx.refunds.get(refund_id)).status is RefundStatus.FAILED


async def refund_ids(business: Business, payment: Payment) -> list[RefundId]:
    recorded = await business.store.events.read_stream(payment.stream)
    return [each.event.refund_id for each in recorded if hasattr(each.event, "refund_id")]


async def test_what_the_gateway_does_not_take_needs_a_person(business: Business) -> None:
    rejects = a_deadly_gateway(business.gateway, "capture", does_it=False, failure=GatewayRejectedError)
    deadly = a_deadly_gateway(business.gateway, "capture", does_it=False)
    with pytest.raises(Killed):
        await evolve(business.process_payment, gateway=deadly)(a_payment_request())
    [payment] = await business.payments()

    settled = await evolve(business.settle_payment, gateway=rejects)(payment.id)

    assert (settled.status, settled.needs_attention) == ("Processing", True)


async def test_a_hold_that_cannot_be_released_needs_a_person(business: Business) -> None:
    hold = await business.take(a_payment_request(capture=False))
    assert hold.authorization_id is not None
    await business.gateway.capture("by hand", hold.authorization_id, gbp("19.99"))

    payment = await business.cancel_payment(None, hold.id, operation_id=uuid4())

    assert (payment.status, payment.needs_attention) == ("Processing", True)


async def test_what_needs_nobody_cannot_be_resolved(business: Business) -> None:
    payment = await business.take(a_payment_request())

    with pytest.raises(PaymentNotFlaggedError):
        await business.resolve_attention(payment.id)


async def test_the_books_agree_once_what_was_given_up_has_been_given_back_at_the_gateway(
    business: Business,
) -> None:
    payment = await flagged_at(business, "capture")
    assert payment.authorization_id
    await business.resolve_attention(payment.id, gives_up=True)

    told = []
    for amount in ("5.00", "14.99"):
        told.append((await business.reconcile_payments()).differences)
        await business.gateway.refund(f"by-hand-{amount}", payment.authorization_id, gbp(amount))
    told.append((await business.reconcile_payments()).differences)

    nothing = gbp("0.00")
    assert told == [
        [Difference(payment.id, "captured", nothing, nothing, at_gateway=gbp("19.99"))],
        [Difference(payment.id, "captured", nothing, nothing, at_gateway=gbp("14.99"))],
        [],
    ]
