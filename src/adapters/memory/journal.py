"""The journal in memory."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from ...core.eventlog import EventEnvelope, EventId
from ...core.payments import JournalEntry, PaymentId, TransferId, entry_of
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

    async def of_payment(self, payment_id: PaymentId) -> Sequence[JournalEntry]:
        found = (entry for entry in self._committed.values() if entry.payment_id == payment_id)
        return sorted(found, key=lambda entry: (entry.at, entry.event_id))
