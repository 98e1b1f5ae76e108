"""Payments, journal and gateway held against each other."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast
from uuid import uuid4

import pytest
from attrs import define, evolve, frozen

from builders import CAPTURE_DECLINED, DECLINED, NOON, Business, a_card, a_payment_request, gbp
from builders.gateways import a_deadly_gateway
from quayside.core.payments import (
    CardDeclinedError,
    Difference,
    GatewayOutcomeUnknownError,
    GatewayRecord,
    GatewayUnreachableError,
    Payment,
    PaymentFailure,
    PaymentGateway,
    RefundId,
    RefundRequest,
)


async def is_refunded(business: Business, payment: Payment, amount: str) -> None:
    await business.refund_payment(None, payment.id, RefundRequest(amount=amount), refund_id=RefundId(uuid4()))


async def a_taken_payment(business: Business) -> Payment:
    return await business.take(a_payment_request(amount="20.00"))


async def test_what_went_its_way_is_the_same_everywhere(business: Business) -> None:
    await a_taken_payment(business)
    await is_refunded(business, await a_taken_payment(business), "7.00")
    held = await business.take(a_payment_request(capture=False))
    await business.cancel_payment(None, held.id, operation_id=uuid4())
    for card in (DECLINED, CAPTURE_DECLINED):
        with pytest.raises(CardDeclinedError):
            await business.take(a_payment_request(paying_card_details=a_card(card)))
    passed: list[int] = []

    report = await evolve(business.reconcile_payments, batch=2, at_once=2)(passed.append)

    assert (report.payments, report.unsettled, report.unanswered) == (5, 0, 0)
    assert report.differences == []
    assert passed == [2, 2, 1]


async def test_money_that_the_gateway_moved_and_we_know_nothing_of_is_told(business: Business) -> None:
    payment, _ = await a_taken_payment(business), await a_taken_payment(business)
    assert payment.authorization_id
    await business.gateway.refund("by-hand", payment.authorization_id, gbp("5.00"))

    report = await business.reconcile_payments()

    assert report.differences == [
        Difference(payment.id, "refunded", recorded=gbp("0.00"), booked=gbp("0.00"), at_gateway=gbp("5.00"))
    ]
    assert report.difference_count == 1


async def test_money_that_the_gateway_never_moved_is_told(business: Business) -> None:
    payment = await a_taken_payment(business)

    elsewhere = evolve(business.reconcile_payments, gateway=Business().gateway)
    [difference] = (await elsewhere()).differences

    assert difference == Difference(payment.id, "captured", gbp("20.00"), gbp("20.00"), gbp("0.00"))


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_what_the_gateway_still_holds_for_a_payment_that_is_over_is_told(
    business: Business, *, is_cancelled: bool
) -> None:
    held, _ = [await business.take(a_payment_request(amount="20.00", capture=False)) for _ in range(2)]
    ended = held.cancel(at=NOON) if is_cancelled else held.fail(PaymentFailure("x", "x"), at=NOON)
    async with business.store.begin() as tx:
        await tx.payments.save(held, ended)

    before = await business.reconcile_payments()
    assert held.authorization_id
    await business.gateway.void("by-hand", held.authorization_id)
    after = await business.reconcile_payments()

    assert before.differences == [Difference(held.id, "held", gbp("0.00"), gbp("0.00"), gbp("20.00"))]
    assert after.differences == []


async def test_a_deleted_payment_is_looked_at_too(business: Business) -> None:
    payment = await a_taken_payment(business)
    async with business.store.begin() as tx:
        await tx.payments.save(payment, payment.delete(at=NOON))

    report = await business.reconcile_payments()

    assert report.payments == 1


async def test_of_what_is_open_the_gateway_may_be_ahead(business: Business) -> None:
    payment = await a_taken_payment(business)
    lost = a_deadly_gateway(business.gateway, "refund", does_it=True, failure=GatewayOutcomeUnknownError)
    await evolve(business.refund_payment, gateway=lost)(
        None, payment.id, RefundRequest(amount="5.00"), refund_id=RefundId(uuid4())
    )

    report = await business.reconcile_payments()

    assert (report.unsettled, report.differences) == (1, [])


@pytest.mark.parametrize("failure", [GatewayUnreachableError, GatewayOutcomeUnknownError])
async def test_a_gateway_that_does_not_answer_is_no_difference(
    business: Business, failure: Callable[[str], BaseException]
) -> None:
    await a_taken_payment(business)
    deaf = a_deadly_gateway(business.gateway, "look_up", does_it=False, failure=failure)

    report = await evolve(business.reconcile_payments, gateway=deaf)()

    assert (report.unanswered, report.differences) == (1, [])


@frozen
class _Meanwhile:
    """A gateway that somebody else asks for something, each time before it is asked what it has."""

    gateway: PaymentGateway
    does: Callable[[], Awaitable[None]]

    async def look_up(self, authorization_key: str) -> GatewayRecord | None:
        await self.does()
        return await self.gateway.look_up(authorization_key)


async def test_what_others_do_meanwhile_is_no_difference(business: Business) -> None:
    payment = await a_taken_payment(business)
    amounts = ["1.00", "2.00", "3.00"]

    async def refund() -> None:
        if amounts:
            await is_refunded(business, payment, amounts.pop())

    busy = cast(PaymentGateway, _Meanwhile(business.gateway, refund))
    report = await evolve(business.reconcile_payments, gateway=busy)()

    assert (report.payments, report.unsettled, report.differences) == (1, 0, [])
    assert amounts == []


@define
class _Crowd:
    """Counts who asks at once."""

    gateway: PaymentGateway
    now: int = 0
    most: int = 0

    async def look_up(self, authorization_key: str) -> GatewayRecord | None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return await self.gateway.look_up(authorization_key)


async def test_no_more_than_so_many_are_looked_up_at_once(business: Business) -> None:
    for _ in range(7):
        await a_taken_payment(business)
    crowd = _Crowd(business.gateway)

    report = await evolve(business.reconcile_payments, gateway=cast(PaymentGateway, crowd), at_once=3)()

    assert (crowd.most, report.payments, report.differences) == (3, 7, [])
