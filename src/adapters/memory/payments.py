"""Payments in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce

from attrs import frozen

from ...core.eventlog import Event, Recorder
from ...core.kernel import Money, Page, PageRequest, Slice, SliceRequest
from ...core.payments import (
    Begin,
    Cardholder,
    OpenPayment,
    Payment,
    PaymentBacklog,
    PaymentFilter,
    PaymentId,
    PaymentNotFoundError,
    PaymentStatus,
    PaymentTotal,
)
from .cardholders import MemoryCardholderRepository
from .event_log import MemoryEventLog
from .journal import MemoryJournal
from .pages import page_of, slice_of
from .rows import Rows, copied


@frozen
class MemoryPaymentRepository:
    """The rows of one transaction."""

    _rows: Rows[PaymentId, Payment]
    _log: MemoryEventLog
    _recorder: Recorder
    _journal: MemoryJournal
    _cardholders: MemoryCardholderRepository

    async def get(self, payment_id: PaymentId) -> Payment:
        return _shown(self._rows, payment_id)

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        envelopes = self._recorder(events)
        payment.version = await self._log.append(payment.stream, envelopes, payment.version)
        self._rows[payment.id] = payment
        self._journal.post(envelopes)
        if holder:
            self._cardholders.add(payment, holder)


@frozen
class MemoryCommittedPayments:
    """What is committed, and each save at once."""

    _committed: Mapping[PaymentId, Payment]
    _begin: Begin

    async def get(self, payment_id: PaymentId) -> Payment:
        return copied(_shown(self._committed, payment_id))

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        async with self._begin() as tx:
            await tx.payments.save(payment, *events, holder=holder)


@frozen
class MemoryPaymentQueries:
    """What is committed."""

    _committed: Mapping[PaymentId, Payment]

    async def get(self, payment_id: PaymentId) -> Payment:
        return copied(_shown(self._committed, payment_id))

    async def list(self, wanted: PaymentFilter, page: PageRequest) -> Page[Payment]:
        return page_of(self._found(wanted), page)

    async def list_after(self, wanted: PaymentFilter, place: SliceRequest) -> Slice[Payment]:
        return slice_of(self._found(wanted), place)

    async def totals(self, wanted: PaymentFilter) -> Sequence[Money]:
        left: dict[str, Money] = {}
        for payment in self._committed.values():
            if wanted.lets_through(payment) and payment.status is PaymentStatus.COMPLETED:
                taken = payment.captured - payment.refunded
                left[taken.currency] = taken + left[taken.currency] if taken.currency in left else taken
        return [left[currency] for currency in sorted(left) if left[currency].minor]

    async def totals_by_status(self, wanted: PaymentFilter) -> Sequence[PaymentTotal]:
        found: dict[tuple[str, PaymentStatus], list[Payment]] = {}
        for payment in self._committed.values():
            if wanted.lets_through(payment):
                found.setdefault((payment.amount.currency, payment.status), []).append(payment)
        statuses = list(PaymentStatus)
        ordered = sorted(found, key=lambda each: (each[0], statuses.index(each[1])))
        return [_total(status, found[currency, status]) for currency, status in ordered]

    async def backlog(self) -> PaymentBacklog:
        waits = [payment.awaits_since for payment in self._committed.values() if payment.is_open]
        flagged = sum(payment.needs_attention for payment in self._committed.values())
        return PaymentBacklog(len(waits), min(filter(None, waits), default=None), flagged)

    async def open_since(
        self, before: datetime, limit: int, *, after: OpenPayment | None = None
    ) -> Sequence[OpenPayment]:
        found = [
            OpenPayment(payment.awaits_since, payment.id)
            for payment in self._committed.values()
            if payment.is_open
            and not payment.deleted_at
            and payment.awaits_since
            and payment.awaits_since < before
        ]
        return sorted(each for each in found if after is None or each > after)[:limit]

    def _found(self, wanted: PaymentFilter) -> Iterator[Payment]:
        return filter(wanted.lets_through, self._committed.values())


def _total(status: PaymentStatus, payments: Sequence[Payment]) -> PaymentTotal:
    def total(of: Callable[[Payment], Money]) -> Money:
        return reduce(Money.__add__, map(of, payments))

    return PaymentTotal(
        status,
        len(payments),
        total(lambda payment: payment.amount),
        total(lambda payment: payment.captured),
        total(lambda payment: payment.refunded),
    )


def _shown(rows: Mapping[PaymentId, Payment], payment_id: PaymentId) -> Payment:
    payment = rows.get(payment_id)
    if payment is None or payment.deleted_at:
        raise PaymentNotFoundError(payment_id)
    return payment
