"""Payments whose outcome is open are settled without anybody asking."""

import asyncio
from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
from attrs import evolve, frozen

from builders import ANSWER_LOST, a_payment
from builders.gateways import a_deadly_gateway
from builders.shop import PAYMENTS, Shop
from quayside.core.identity import Role
from quayside.core.payments import (
    GatewayOutcomeUnknownError,
    GatewayRecord,
    GatewayUnreachableError,
    Payment,
    PaymentGateway,
    PaymentId,
    PaymentStatus,
)
from quayside.entrypoints.composition import worker_of
from quayside.entrypoints.worker import at_work


async def settled(shop: Shop, payment_id: PaymentId) -> Payment:
    """The payment, once it has ended."""
    async with at_work(worker_of(shop.application)), asyncio.timeout(5):
        while (payment := await shop.application.storage.payments.get(payment_id)).awaits_gateway:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return payment


@frozen
class SlowToTell:
    """A gateway that tells what became of a payment only once it is asked about two."""

    gateway: PaymentGateway
    both_ask: asyncio.Barrier

    async def look_up(self, key: str) -> GatewayRecord | None:
        await self.both_ask.wait()
        return await self.gateway.look_up(key)

    def __getattr__(self, name: str) -> object:
        return getattr(self.gateway, name)


async def test_a_payment_whose_answer_was_lost_is_completed_at_once(shop: Shop) -> None:
    asked = (await shop.pay(ANSWER_LOST)).json()
    assert asked["status"] == "Pending"

    payment = await settled(shop, PaymentId(UUID(asked["id"])))

    assert (payment.status, payment.captured) == (PaymentStatus.COMPLETED, payment.amount)


async def test_a_payment_whose_process_died_is_ended_once_nobody_can_be_at_work_on_it(shop: Shop) -> None:
    payment, received = a_payment()
    async with shop.application.storage.begin() as tx:
        await tx.payments.save(payment, received)
    shop.clock.advance(timedelta(seconds=2 * shop.application.settings.request_timeout_s, microseconds=1))

    ended = await settled(shop, payment.id)

    assert ended.status is PaymentStatus.FAILED
    assert ended.failure is not None
    assert ended.failure.code == "external_service_error"


async def test_a_payment_that_somebody_may_be_at_work_on_is_left_alone(shop: Shop) -> None:
    payment, received = a_payment(created_at=shop.clock())
    async with shop.application.storage.begin() as tx:
        await tx.payments.save(payment, received)
    shop.clock.advance(timedelta(seconds=2 * shop.application.settings.request_timeout_s))
    [job] = [job for job in worker_of(shop.application).jobs if job.name == "settle-payments"]

    await job.run()

    assert (await shop.application.storage.payments.get(payment.id)).awaits_gateway


@pytest.mark.parametrize("seconds", [0, 3_600])
async def test_a_slow_answer_about_one_payment_holds_up_no_other(shop: Shop, seconds: int) -> None:
    payments = [PaymentId(UUID((await shop.pay(ANSWER_LOST)).json()["id"])) for _ in range(2)]
    shop.clock.advance(timedelta(seconds=seconds))
    if seconds:
        await shop.application.storage.subscriptions.acquire("settle-payments", "somebody who hangs", 3_600)
    both_ask = asyncio.Barrier(2)
    use_cases = shop.application.payments
    slow = SlowToTell(use_cases.settle_payment.gateway, both_ask)
    use_cases = evolve(
        use_cases, settle_payment=evolve(use_cases.settle_payment, gateway=cast(PaymentGateway, slow))
    )

    async with at_work(worker_of(evolve(shop.application, payments=use_cases))), asyncio.timeout(5):
        for payment_id in payments:
            while (await shop.application.storage.payments.get(payment_id)).awaits_gateway:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@pytest.mark.parametrize(("seconds", "handled"), [(4, False), (5, True)])
async def test_what_cannot_be_found_out_for_long_is_left_to_be_settled_later(
    shop: Shop, seconds: int, *, handled: bool
) -> None:
    await shop.pay(ANSWER_LOST)
    shop.clock.advance(timedelta(seconds=seconds))
    gateway = shop.application.payments.settle_payment.gateway
    silent = a_deadly_gateway(gateway, "look_up", does_it=False, failure=GatewayOutcomeUnknownError)

    measured = await measured_once_handled(shop, silent)

    assert ('quayside_subscription_events_total{subscription="settle-payments"} 1.0' in measured) == handled
    assert await shop.application.storage.payments.open_since(shop.clock(), 10)


async def test_while_the_gateway_is_away_everything_waits_and_no_payment_is_put_off(shop: Shop) -> None:
    await shop.pay(ANSWER_LOST)
    gateway = shop.application.payments.settle_payment.gateway
    away = a_deadly_gateway(gateway, "look_up", does_it=False, failure=GatewayUnreachableError)

    measured = await measured_once_handled(shop, away)

    assert 'quayside_subscription_stalls_total{subscription="settle-payments"' in measured
    assert (await shop.application.storage.subscriptions.state("settle-payments")).deferred == 0


@frozen
class SilentAbout:
    """A gateway that cannot tell what became of some payments."""

    gateway: PaymentGateway
    keys: set[str]

    async def look_up(self, key: str) -> GatewayRecord | None:
        if key in self.keys:
            raise GatewayOutcomeUnknownError("it does not say")
        return await self.gateway.look_up(key)

    def __getattr__(self, name: str) -> object:
        return getattr(self.gateway, name)


async def test_however_many_payments_cannot_be_found_out_the_others_are_settled(shop: Shop) -> None:
    storage, use_cases = shop.application.storage, shop.application.payments
    payments = [a_payment(created_at=shop.clock() + timedelta(milliseconds=n)) for n in range(201)]
    async with storage.begin() as tx:
        for payment, received in payments:
            await tx.payments.save(payment, received)
    shop.clock.advance(timedelta(hours=1))
    *silent, (last, _) = payments
    keys = {payment.attempts[0].key for payment, _ in silent}
    gateway = cast(PaymentGateway, SilentAbout(use_cases.settle_payment.gateway, keys))
    use_cases = evolve(use_cases, settle_payment=evolve(use_cases.settle_payment, gateway=gateway))
    jobs = worker_of(evolve(shop.application, payments=use_cases)).jobs
    [job] = [job for job in jobs if job.name == "settle-payments"]

    for _ in range(3):
        await job.run()

    assert (await storage.payments.get(last.id)).status is PaymentStatus.FAILED

    keys.clear()
    for _ in range(2):
        await job.run()

    assert await storage.payments.open_since(shop.clock(), 1) == []


async def test_a_payment_that_was_deleted_in_the_meantime_counts_as_settled(shop: Shop) -> None:
    asked = (await shop.pay(ANSWER_LOST)).json()
    await shop.application.payments.settle_payment(PaymentId(UUID(asked["id"])))
    admin = await shop.member(Role.ADMIN)
    assert (await admin.client.delete(f"{PAYMENTS}/{asked['id']}")).status_code == 204

    measured = await measured_once_handled(shop, shop.application.payments.settle_payment.gateway)

    assert 'quayside_subscription_events_total{subscription="settle-payments"} 1.0' in measured


async def measured_once_handled(shop: Shop, gateway: PaymentGateway) -> str:
    """What is measured once whoever settles, by asking *gateway*, has handled the event, or could not."""
    payments = shop.application.payments
    payments = evolve(payments, settle_payment=evolve(payments.settle_payment, gateway=gateway))
    async with at_work(worker_of(evolve(shop.application, payments=payments))), asyncio.timeout(5):
        while not settling(measured := shop.application.metrics.render().decode()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
    return measured


def settling(measured: str) -> bool:
    """Whether who settles has handled the event, or could not; others may be faster."""
    return any(
        f'quayside_subscription_{name}_total{{subscription="settle-payments"' in measured
        for name in ("events", "failures", "stalls")
    )
