"""The journal in memory."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from ...core.eventlog import EventEnvelope, EventId
from ...core.kernel import Money
from ...core.payments import (
    BookedPayment,
    JournalEntry,
    Payment,
    PaymentAccount,
    PaymentId,
    Totals,
    TransferId,
    entry_of,
)
from .rows import Rows


@frozen
class MemoryJournal:
    """The entries of one transaction."""

    _rows: Rows[EventId, JournalEntry]

    def post(self, envelopes: Iterable[EventEnvelope]) -> None:
        """Book what the events moved."""
        for envelope in envelopes:
            if entry := entry_of(envelope):
                self._rows[entry.event_id] = entry

    def transfer(self, transfer_id: TransferId) -> JournalEntry | None:
        """The entry of a transfer; None if it was not made."""
        return next((entry for entry in self._rows.values() if entry.transfer_id == transfer_id), None)


@frozen
class MemoryJournalQueries:
    """What is committed."""

    _committed: Mapping[EventId, JournalEntry]
    _payments: Mapping[PaymentId, Payment]

    async def of_payment(self, payment_id: PaymentId) -> Sequence[JournalEntry]:
        found = (entry for entry in self._committed.values() if entry.payment_id == payment_id)
        return sorted(found, key=lambda entry: (entry.at, entry.event_id))

    async def booked(self, first: PaymentId, limit: int) -> Sequence[BookedPayment]:
        wanted = sorted(payment_id for payment_id in self._payments if payment_id >= first)[:limit]
        return [await self._booked(self._payments[payment_id]) for payment_id in wanted]

    async def payment_count(self) -> int:
        return len(self._payments)

    async def _booked(self, payment: Payment) -> BookedPayment:
        entries = await self.of_payment(payment.id)

        def balance(account: PaymentAccount) -> Money:
            return Money.from_minor(sum(entry.balance(account) for entry in entries), payment.amount.currency)

        return BookedPayment(
            id=payment.id,
            version=payment.version,
            status=payment.status,
            failure_code=payment.failure.code if payment.failure else None,
            awaits_gateway=payment.awaits_gateway,
            recorded=Totals(payment.captured, payment.refunded),
            booked=Totals(-balance(PaymentAccount.CONTRACT_LIABILITIES), balance(PaymentAccount.REFUNDS)),
        )
