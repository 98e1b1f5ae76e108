"""Counts what happens to payments where it is committed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import define, field, frozen

from ...core.eventlog import Event
from ...core.payments import (
    AccountRepository,
    Begin,
    Cardholder,
    CardholderRepository,
    CardRepository,
    CommittedPayments,
    Payment,
    PaymentId,
    PaymentRepository,
    RefundRepository,
    Transaction,
)
from .payment_metrics import PaymentMetrics


def measured_begin(begin: Begin, metrics: PaymentMetrics) -> Begin:
    """*begin*, whose transactions have what they saved counted once they are committed: once each, wherever it is."""

    @asynccontextmanager
    async def measured() -> AsyncIterator[Transaction]:
        async with begin() as transaction:
            counting = _Counting(transaction.payments)
            yield _MeasuredTransaction(transaction, counting)
        for payment, event in counting.saved:
            metrics.saved(payment, event)

    return measured


@frozen
class MeasuredPayments:
    """Payments each of which is counted once it is saved."""

    _inside: CommittedPayments
    _metrics: PaymentMetrics

    async def get(self, payment_id: PaymentId) -> Payment:
        return await self._inside.get(payment_id)

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        await self._inside.save(payment, *events, holder=holder)
        for event in events:
            self._metrics.saved(payment, event)


@define
class _Counting:
    _payments: PaymentRepository
    saved: list[tuple[Payment, Event]] = field(factory=list, init=False)

    async def get(self, payment_id: PaymentId) -> Payment:
        return await self._payments.get(payment_id)

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        await self._payments.save(payment, *events, holder=holder)
        self.saved += [(payment, event) for event in events]


@frozen
class _MeasuredTransaction:
    _inside: Transaction
    payments: PaymentRepository

    @property
    def cards(self) -> CardRepository:
        return self._inside.cards

    @property
    def refunds(self) -> RefundRepository:
        return self._inside.refunds

    @property
    def cardholders(self) -> CardholderRepository:
        return self._inside.cardholders

    @property
    def accounts(self) -> AccountRepository:
        return self._inside.accounts
