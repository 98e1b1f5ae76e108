"""The journal in PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import msgspec
from attrs import frozen

from ...core.eventlog import EventEnvelope, EventId
from ...core.kernel import Money
from ...core.payments import (
    BookedPayment,
    JournalEntry,
    PaymentId,
    PaymentStatus,
    Posting,
    Totals,
    TransferId,
    entry_of,
)
from .connection import Connection, Lend
from .event_log import Rows, appending
from .queries import NamedQuery, named_queries

_SQL = named_queries("journal")


@frozen
class Booking:
    """
    Saves a row with the events that explain it, and books what money they moved.

    Args:
        saving: The statement, as of `appending`.
        moving: The same where they moved some. Without a need the journal is not touched: its triggers would run.
    """

    _saving: NamedQuery
    _moving: NamedQuery

    @classmethod
    def of(cls, *rows: NamedQuery) -> Self:
        """Save *rows*, as of `appending`; the entries may refer to them."""
        return cls(appending(*rows), appending(*rows, _SQL["post"]))

    def rows(self, row: Mapping[str, object], events: Iterable[EventEnvelope]) -> Rows:
        """What is written beside the append of *events*."""
        postings = [posting for event in events for posting in _postings_of(event)]
        if not postings:
            return Rows(self._saving, row)
        return Rows(self._moving, {**row, "postings": msgspec.json.encode(postings).decode()})


@frozen
class PostgresJournal:
    """Rows of ``journal``, a posting each, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def transfer(self, transfer_id: TransferId) -> JournalEntry | None:
        """The entry of a transfer; None if it was not made."""
        cursor = await self._connection.execute(_SQL["transfer"], {"transfer_id": transfer_id})
        row = await cursor.fetchone()
        return None if row is None else _to_entry(row)


@frozen
class PostgresJournalQueries:
    """Rows of ``journal`` as they are committed."""

    _lend: Lend

    async def of_payment(self, payment_id: PaymentId) -> Sequence[JournalEntry]:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["of_payment"], {"payment_id": payment_id})
            return [_to_entry(row) for row in await cursor.fetchall()]

    async def booked(self, first: PaymentId, limit: int) -> Sequence[BookedPayment]:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["booked"], {"first": first, "limit": limit})
            return [_to_booked(row) for row in await cursor.fetchall()]

    async def payment_count(self) -> int:
        async with self._lend() as connection:
            row = await (await connection.execute(_SQL["payment_count"])).fetchone()
        return int(row["payments"]) if row else 0


class _Posting(msgspec.Struct):
    event_id: UUID
    line: int
    account: str
    amount_minor: int
    currency: str
    at: datetime
    payment_id: UUID | None
    transfer_id: UUID | None


def _postings_of(event: EventEnvelope) -> Iterator[_Posting]:
    if entry := entry_of(event):
        for line, posting in enumerate(entry.postings, start=1):
            money = posting.amount
            yield _Posting(
                entry.event_id,
                line,
                str(posting.account),
                money.minor,
                money.currency,
                entry.at,
                entry.payment_id,
                entry.transfer_id,
            )


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
        status=PaymentStatus(row["status"]),
        failure_code=row["failure_code"],
        awaits_gateway=row["awaits_gateway"],
        recorded=totals(""),
        booked=totals("booked_"),
    )
