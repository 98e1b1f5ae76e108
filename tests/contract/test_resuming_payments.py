"""Taking or settling one payment more than once (`core.payments.ProcessPayment`, `SettlePayment`), on every storage."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from builders import ANSWER_LOST, a_card, a_payment_request, gbp
from quayside.core.kernel import Money
from quayside.core.payments import (
    DEFAULT_CURRENCIES,
    Begin,
    CommittedPayments,
    PaymentGateway,
    PaymentId,
    PaymentQueries,
    PaymentStatus,
    ProcessPayment,
    SettlePayment,
    payment_form,
)


@pytest.fixture
def process_payment(
    begin: Begin, committed_payments: CommittedPayments, gateway: PaymentGateway
) -> ProcessPayment:
    """Takes payments."""

    def clock() -> datetime:
        return datetime.now(UTC)

    form = payment_form(DEFAULT_CURRENCIES, clock)
    return ProcessPayment(begin, committed_payments, gateway, form, clock, uuid4)


async def taken(gateway: PaymentGateway, payment_id: PaymentId) -> Money | None:
    record = await gateway.look_up(f"{payment_id}/authorize")
    return record.captured if record else None


async def test_a_payment_taken_again_is_the_same_payment(
    process_payment: ProcessPayment, gateway: PaymentGateway
) -> None:
    payment_id = PaymentId(uuid4())

    first = await process_payment(a_payment_request(amount="19.99"), payment_id=payment_id)
    again = await process_payment(a_payment_request(amount="19.99"), payment_id=payment_id)

    assert (first.id, first.version, first.status) == (again.id, again.version, PaymentStatus.COMPLETED)
    assert await taken(gateway, payment_id) == gbp("19.99")


async def test_twenty_who_take_it_at_once_charge_it_once_and_agree(
    process_payment: ProcessPayment, gateway: PaymentGateway, payments: PaymentQueries
) -> None:
    payment_id = PaymentId(uuid4())

    outcomes = await asyncio.gather(
        *(process_payment(a_payment_request(amount="19.99"), payment_id=payment_id) for _ in range(20))
    )

    assert {(payment.status, payment.version) for payment in outcomes} == {(PaymentStatus.COMPLETED, 3)}
    assert (await payments.get(payment_id)).captured == gbp("19.99")
    assert await taken(gateway, payment_id) == gbp("19.99")


async def test_ten_who_settle_it_at_once_charge_it_once_and_agree(
    process_payment: ProcessPayment, gateway: PaymentGateway
) -> None:
    request = a_payment_request(amount="19.99", paying_card_details=a_card(ANSWER_LOST))
    pending = await process_payment(request)
    settle_payment = SettlePayment(
        process_payment.begin, process_payment.payments, gateway, process_payment.clock
    )

    settled = await asyncio.gather(*(settle_payment(pending.id) for _ in range(10)))

    assert pending.status is PaymentStatus.PENDING
    assert {(payment.status, payment.version) for payment in settled} == {(PaymentStatus.COMPLETED, 4)}
    assert await taken(gateway, pending.id) == gbp("19.99")
