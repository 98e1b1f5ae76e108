"""The event log in PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec
from attrs import frozen
from psycopg import AsyncCursor
from psycopg.rows import tuple_row

from ...core.eventlog import (
    Appended,
    Event,
    EventCodec,
    EventEnvelope,
    MalformedEvent,
    MalformedEventError,
    RecordedEvent,
    StreamId,
)
from ...core.kernel import ConcurrencyConflictError
from .alone import alone
from .connection import Connection, Lend
from .queries import NamedQuery, composed, named_queries

Decode: TypeAlias = Callable[[str, int, str], Event]
"""Makes an event of the name, the schema version and the text that it is stored as."""

_SQL = named_queries("event_log")


@frozen
class Rows:
    """
    What is written in the statement that appends events, or not at all.

    Args:
        statement: As `appending` makes it.
        parameters: Of the rows.
    """

    statement: NamedQuery
    parameters: Mapping[str, object]


def appending(*rows: NamedQuery, own_origins: bool = False) -> NamedQuery:
    """
    The statement that appends events and writes *rows*, measured as the first of them.

    Args:
        rows: Each a ``name AS (…)`` that writes nothing but what it selects from ``stream``, which has no row where the
            append is refused.
        own_origins: Whether each event of the batch brings its own; else they share one.
    """
    origin = _SQL["own_origins"] if own_origins else _SQL["common_origin"]
    events = b"\n".join([_SQL["append"], origin, _SQL["batch"]])
    return composed((rows or [_SQL["append"]])[0].name, b",\n".join([events, *rows]), _SQL["appended"])


_NO_ROWS = Rows(appending(), {})
_OWN_ORIGINS = Rows(appending(own_origins=True), {})


class PostgresEventReader:
    """
    Reads the log on whatever connection it is lent.

    Args:
        lend: Gives a connection for one read: one of the pool's, or always that of a transaction.
        codec: Turns what is stored into events.
    """

    def __init__(self, lend: Lend, codec: EventCodec) -> None:
        self._lend = lend
        self._codec = codec

    async def read_stream(
        self,
        stream: StreamId,
        *,
        after_version: int = 0,
        limit: int | None = None,
        even_malformed: bool = False,
    ) -> Sequence[RecordedEvent]:
        rows = await self._rows(_SQL["read_stream"], _part_of(stream, after_version, limit))
        decode = reading_on(self._codec) if even_malformed else self._codec.decode
        return [recorded(row, decode) for row in rows]

    async def read_events(
        self, stream: StreamId, *, after_version: int = 0, limit: int | None = None
    ) -> Sequence[Event]:
        rows = await self._rows(_SQL["read_events"], _part_of(stream, after_version, limit))
        return self._codec.decode_all(rows)

    async def read_all(self, *, after_position: int = 0, limit: int = 500) -> Sequence[RecordedEvent]:
        rows = await self._rows(_SQL["read_all"], {"after_position": after_position, "limit": limit})
        decode = reading_on(self._codec)
        return [recorded(row, decode) for row in rows]

    async def _rows(self, query: bytes, parameters: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
        async with self._lend() as connection, rows_of_events(connection) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchall()


def _part_of(stream: StreamId, after_version: int, limit: int | None) -> Mapping[str, object]:
    return {"category": stream.category, "id": stream.id, "after_version": after_version, "limit": limit}


def rows_of_events(connection: Connection) -> AsyncCursor[tuple[Any, ...]]:
    """Reads many: ids and times come as they are in memory, which takes less to write and to read than as text."""
    return connection.cursor(row_factory=tuple_row, binary=True)


def reading_on(codec: EventCodec) -> Decode:
    """Decode as *codec* does, but stop at nothing that is stored."""

    def decode(type_name: str, schema_version: int, text: str) -> Event:
        try:
            return codec.decode(type_name, schema_version, text)
        except MalformedEventError:
            return MalformedEvent(type_name, schema_version, text)

    return decode


def recorded(row: Sequence[Any], decode: Decode) -> RecordedEvent:
    """The event of a row of read_stream or read_all."""
    # Without a starred name, for whoever reads a thousand of them.
    (
        position,
        category,
        stream_id,
        version,
        type_name,
        schema,
        data,
        event_id,
        at,
        correlation,
        cause,
        user,
        trace,
    ) = row
    envelope = EventEnvelope(event_id, decode(type_name, schema, data), at, correlation, cause, user, trace)
    return RecordedEvent(position, StreamId(category, stream_id), version, envelope)


_ORIGIN = "occurred_at", "correlation_id", "causation_id", "user_id", "traceparent"
_origin_of = attrgetter(*_ORIGIN)


def _origin(envelope: EventEnvelope) -> Mapping[str, object]:
    return dict(zip(_ORIGIN, _origin_of(envelope), strict=True))


def _have_it_in_common(envelopes: Sequence[EventEnvelope]) -> bool:
    first = _origin_of(envelopes[0])
    return all(map(first.__eq__, map(_origin_of, envelopes)))


class PostgresEventLog(PostgresEventReader):
    """
    The log on a connection whose transaction the caller owns, at isolation level read committed.

    Args:
        connection: The transaction's.
        codec: Turns events into what is stored and back.
    """

    def __init__(self, connection: Connection, codec: EventCodec) -> None:
        super().__init__(lambda: nullcontext(connection), codec)
        self._connection = connection
        self.appended: dict[StreamId, int] = {}

    async def append(
        self,
        stream: StreamId,
        events: Sequence[EventEnvelope],
        expected_version: int | None,
        rows: Rows = _NO_ROWS,
    ) -> int:
        """
        As the port says it, and *rows* with the events: one at least, for nothing changes without being told. Those of
        an append that is recognised are there already; they were written with it.
        """
        if not events:
            assert rows is _NO_ROWS
            return await self._check(stream, expected_version)
        lines, shared = self._lines(events), _origin(events[0])
        if not _have_it_in_common(events):
            assert rows is _NO_ROWS  # who writes some has recorded all events at once
            rows, shared = _OWN_ORIGINS, {}
            origins = [msgspec.json.encode(_origin(each)).decode() for each in events]
            lines = [f"{line}\t{origin}" for line, origin in zip(lines, origins, strict=True)]
        parameters = {
            **rows.parameters,
            **shared,
            "category": stream.category,
            "id": stream.id,
            "count": len(events),
            "expected_version": expected_version,
            "events": "\n".join(lines),
        }
        cursor = self._connection.cursor(row_factory=tuple_row)
        row = await (await cursor.execute(rows.statement, parameters)).fetchone()
        if row is None:
            assert expected_version is not None  # nothing else is refused
            return await self._recognise(stream, events, expected_version)
        version: int = row[0]
        self.appended[stream] = version
        return version

    async def _check(self, stream: StreamId, expected_version: int | None) -> int:
        parameters = {"category": stream.category, "id": stream.id}
        row = await (await self._connection.execute(_SQL["lock"], parameters)).fetchone()
        actual: int = row["version"] if row else 0
        if expected_version is not None and expected_version != actual:
            raise ConcurrencyConflictError(str(stream), expected=expected_version, actual=actual)
        return actual

    async def _recognise(self, stream: StreamId, events: Sequence[EventEnvelope], expected: int) -> int:
        parameters = {
            "category": stream.category,
            "id": stream.id,
            "count": len(events),
            "expected_version": expected,
        }
        row = await (await self._connection.execute(_SQL["stored"], parameters)).fetchone()
        if row is not None and row["event_ids"] == [envelope.id for envelope in events]:
            return expected + len(events)
        raise ConcurrencyConflictError(str(stream), expected=expected, actual=row["version"] if row else 0)

    def _lines(self, envelopes: Sequence[EventEnvelope]) -> Sequence[str]:
        encode, happened = self._codec.encode, [each.event for each in envelopes]
        ids = msgspec.to_builtins([each.id for each in envelopes])  # in a tenth of the time of as many str()
        return [
            f"{id_}\t{event.type_name()}\t{event.schema_version}\t{encode(event)}"
            for id_, event in zip(ids, happened, strict=True)
        ]


class PostgresCommittedLog(PostgresEventReader):
    """
    The log outside of transactions. An append is one statement, so it needs no other to begin and to commit.

    Args:
        codec: Turns events into what is stored and back.
        tell: Told after each append by which the log has grown.
    """

    def __init__(
        self,
        lend: Lend,
        codec: EventCodec,
        tell: Appended,
    ) -> None:
        super().__init__(lend, codec)
        self._tell = tell

    async def append(
        self, stream: StreamId, events: Sequence[EventEnvelope], expected_version: int | None
    ) -> int:
        async def write(connection: Connection) -> tuple[int, Mapping[StreamId, int]]:
            log = PostgresEventLog(connection, self._codec)
            return await log.append(stream, events, expected_version), log.appended

        version, grown = await alone(self._lend, write)
        if grown:
            await self._tell(grown)
        return version
