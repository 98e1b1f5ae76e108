"""Payments whose outcome is open are settled without anybody asking."""

import asyncio
from datetime import timedelta
from uuid import UUID

from builders import ANSWER_LOST, a_payment
from builders.shop import PAYMENTS, Shop
from quayside.core.identity import Role
from quayside.core.payments import Payment, PaymentId, PaymentStatus
from quayside.entrypoints.composition import worker_of
from quayside.entrypoints.worker import at_work


async def settled(shop: Shop, payment_id: PaymentId) -> Payment:
    """The payment, once it has ended."""
    async with at_work(worker_of(shop.application)), asyncio.timeout(5):
        while (payment := await shop.application.storage.payments.get(payment_id)).awaits_gateway:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return payment


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


async def test_a_payment_that_was_deleted_in_the_meantime_counts_as_settled(shop: Shop) -> None:
    asked = (await shop.pay(ANSWER_LOST)).json()
    await shop.application.payments.settle_payment(PaymentId(UUID(asked["id"])))
    admin = await shop.member(Role.ADMIN)
    assert (await admin.client.delete(f"{PAYMENTS}/{asked['id']}")).status_code == 204

    async with at_work(worker_of(shop.application)), asyncio.timeout(5):
        while not settling(handled := shop.application.metrics.render().decode()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    assert 'quayside_subscription_events_total{subscription="settle-payments"} 1.0' in handled


def settling(measured: str) -> bool:
    """Whether who settles has handled the event, or could not; others may be faster."""
    return any(
        f'quayside_subscription_{name}_total{{subscription="settle-payments"' in measured
        for name in ("events", "failures", "stalls")
    )
