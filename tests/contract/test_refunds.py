"""What every refund store does (`core.payments.RefundRepository`, `RefundQueries`), and bounds under races."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from builders import NOON, a_payment, a_payment_request, gbp
from contract.conftest import Storage
from quayside.core.kernel import PageRequest, Place, SliceRequest
from quayside.core.payments import (
    DEFAULT_CURRENCIES,
    Begin,
    Payment,
    PaymentGateway,
    PaymentId,
    PaymentQueries,
    ProcessPayment,
    Refund,
    RefundExceedsCaptureError,
    RefundId,
    RefundNotFoundError,
    RefundPayment,
    RefundQueries,
    RefundRequest,
    RefundStatus,
    payment_form,
)


async def a_completed_payment(begin: Begin) -> Payment:
    payment, received = a_payment(gbp("20.00"))
    async with begin() as tx:
        await tx.payments.save(payment, received)
        await tx.payments.save(payment, payment.authorize("auth_1", at=NOON))
        await tx.payments.save(payment, payment.capture(gbp("20.00"), at=NOON))
    return payment


async def a_refund(begin: Begin, payment: Payment, number: int, **changes: object) -> Refund:
    values = {"amount": gbp("1.00"), "created_at": NOON, "reason": "Zwölf 🌹"} | changes
    refund = Refund(id=RefundId(UUID(int=number)), payment_id=payment.id, **values)  # type: ignore[arg-type]
    async with begin() as tx:
        await tx.refunds.save(refund)
        await tx.payments.save(payment, payment.ask_to_refund(refund, key=f"key-{number}"))
    return refund


def facts(refund: Refund) -> tuple[object, ...]:
    return tuple(getattr(refund, name) for name in Refund.__slots__ if name != "__weakref__")


async def test_a_refund_is_read_back_whole_and_changed(
    begin: Begin, refunds: RefundQueries, payments: PaymentQueries
) -> None:
    payment = await a_completed_payment(begin)
    refund = await a_refund(begin, payment, 1)
    asked = await payments.get(payment.id)

    refund.status = RefundStatus.SUCCEEDED
    async with begin() as tx:
        await tx.refunds.save(refund)
        await tx.payments.save(payment, payment.refund(payment.attempts[0], at=NOON))
        assert facts(await tx.refunds.get(refund.id)) == facts(refund)

    [shown] = (await refunds.list(payment.id, PageRequest())).items
    assert facts(shown) == facts(refund)
    assert [(each.key, each.refund_id) for each in asked.attempts] == [("key-1", refund.id)]
    assert (await payments.get(payment.id)).refunded == gbp("1.00")


async def test_an_unknown_refund_is_not_found(begin: Begin) -> None:
    async with begin() as tx:
        with pytest.raises(RefundNotFoundError):
            await tx.refunds.get(RefundId(uuid4()))


async def test_what_a_failed_transaction_saved_is_not_there(begin: Begin, refunds: RefundQueries) -> None:
    payment = await a_completed_payment(begin)

    with pytest.raises(ZeroDivisionError):
        async with begin() as tx:
            await tx.refunds.save(
                Refund(id=RefundId(uuid4()), payment_id=payment.id, amount=gbp("1.00"), created_at=NOON)
            )
            raise ZeroDivisionError

    assert (await refunds.list(payment.id, PageRequest())).total_count == 0


async def test_the_refunds_of_a_payment_are_listed_newest_first_and_walked_by_key(
    begin: Begin, refunds: RefundQueries
) -> None:
    payment, other = [await a_completed_payment(begin) for _ in range(2)]
    old = await a_refund(begin, payment, 9, created_at=NOON - timedelta(seconds=1))
    first, second = [await a_refund(begin, payment, n) for n in (1, 2)]
    await a_refund(begin, other, 3)

    page = await refunds.list(payment.id, PageRequest(page_size=2))
    beyond = await refunds.list(payment.id, PageRequest(page=9))
    rest = await refunds.list_after(payment.id, SliceRequest(Place.of(second), 2))

    assert [refund.id for refund in page.items] == [second.id, first.id]
    assert (page.total_count, beyond.total_count, beyond.items) == (3, 3, ())
    assert [refund.id for refund in rest.items] == [first.id, old.id]


async def test_ten_who_refund_at_once_give_back_no_more_than_was_taken(
    storage: Storage, gateway: PaymentGateway, payments: PaymentQueries, refunds: RefundQueries
) -> None:
    def clock() -> datetime:
        return datetime.now(UTC)

    form, outside = (
        payment_form(DEFAULT_CURRENCIES, clock),
        (storage.begin, storage.committed_payments, gateway),
    )
    take = ProcessPayment(*outside, form, clock, uuid4)
    payment = await take(a_payment_request(amount="10.00"), payment_id=PaymentId(uuid4()))
    give_back = RefundPayment(*outside, clock)

    outcomes = await asyncio.gather(
        *(
            give_back(None, payment.id, RefundRequest(amount="3.00"), refund_id=RefundId(uuid4()))
            for _ in range(10)
        ),
        return_exceptions=True,
    )

    after = await payments.get(payment.id)
    assert sum(isinstance(outcome, Refund) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, RefundExceedsCaptureError) for outcome in outcomes) == 7
    assert (after.refunded, after.attempts) == (gbp("9.00"), ())
    listed = (await refunds.list(payment.id, PageRequest())).items
    assert [refund.status for refund in listed] == [RefundStatus.SUCCEEDED] * 3
