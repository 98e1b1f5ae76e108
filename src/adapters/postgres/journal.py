"""The journal in PostgreSQL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from attrs import frozen

from ...core.eventlog import EventEnvelope, EventId
from ...core.kernel import Money
from ...core.payments import BookedPayment, JournalEntry, PaymentId, Posting, Totals, TransferId, entry_of
from .connection import Connection
from .queries import named_queries

_SQL = named_queries("journal")


@frozen
class PostgresJournal:
    """Rows of ``journal``, a posting each, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def post(self, envelopes: Iterable[EventEnvelope]) -> None:
        """Book what the events moved; the row that an entry refers to is there already."""
        for envelope in envelopes:
            if entry := entry_of(envelope):
                await self._connection.execute(_SQL["post"], _to_row(entry))

    async def transfer(self, transfer_id: TransferId) -> JournalEntry | None:
        """The entry of a transfer; None if it was not made."""
        cursor = await self._connection.execute(_SQL["transfer"], {"transfer_id": transfer_id})
        row = await cursor.fetchone()
        return None if row is None else _to_entry(row)


@frozen
class PostgresJournalQueries:
    """
    Rows of ``journal`` as they are committed.

    Args:
        read: Lends a connection for one statement.
    """

    _read: Callable[[], AbstractAsyncContextManager[Connection]]

    async def of_payment(self, payment_id: PaymentId) -> Sequence[JournalEntry]:
        async with self._read() as connection:
            cursor = await connection.execute(_SQL["of_payment"], {"payment_id": payment_id})
            return [_to_entry(row) for row in await cursor.fetchall()]

    async def booked(self, first: PaymentId, limit: int) -> Sequence[BookedPayment]:
        async with self._read() as connection:
            cursor = await connection.execute(_SQL["booked"], {"first": first, "limit": limit})
            return [_to_booked(row) for row in await cursor.fetchall()]

    async def payment_count(self) -> int:
        async with self._read() as connection:
            row = await (await connection.execute(_SQL["payment_count"])).fetchone()
        return int(row["payments"]) if row else 0


def _to_row(entry: JournalEntry) -> Mapping[str, object]:
    return {
        "event_id": entry.event_id,
        "at": entry.at,
        "payment_id": entry.payment_id,
        "transfer_id": entry.transfer_id,
        "currency": entry.postings[0].amount.currency,
        "accounts": [str(posting.account) for posting in entry.postings],
        "amounts_minor": [posting.amount.minor for posting in entry.postings],
    }


def _to_entry(row: Mapping[str, Any]) -> JournalEntry:
    return JournalEntry(
        event_id=EventId(row["event_id"]),
        at=row["at"],
        payment_id=None if row["payment_id"] is None else PaymentId(row["payment_id"]),
        transfer_id=None if row["transfer_id"] is None else TransferId(row["transfer_id"]),
        postings=tuple(
            Posting(account, Money.from_minor(minor, row["currency"]))
            for account, minor in zip(row["accounts"], row["amounts_minor"], strict=True)
        ),
    )


def _to_booked(row: Mapping[str, Any]) -> BookedPayment:
    def totals(prefix: str) -> Totals:
        captured, refunded = (
            Money.from_minor(int(row[f"{prefix}{what}_minor"]), row["currency"])
            for what in ("captured", "refunded")
        )
        return Totals(captured, refunded)

    return BookedPayment(
        id=PaymentId(row["id"]),
        version=row["version"],
        awaits_gateway=row["awaits_gateway"],
        recorded=totals(""),
        booked=totals("booked_"),
    )
