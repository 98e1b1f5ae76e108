"""The event log as it is stored, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import define
from psycopg.rows import args_row

from ...core.eventlog import Event, EventCodec, MalformedEventError, StoredEvent, StreamId
from .connection import Lend
from .queries import named_queries

_SQL = named_queries("stored_log")

_BEFORE_ALL = StreamId("", UUID(int=0))  # no stream's: a category has letters


@define(eq=False)
class PostgresStoredLog:
    """
    Walks the index of streams, so that no read costs more than another.

    Args:
        codec: Turns what is stored into events.
    """

    _lend: Lend
    _codec: EventCodec

    async def events_after(self, last: StoredEvent | None, limit: int) -> Sequence[StoredEvent]:
        stream, version = (last.stream, last.version) if last else (_BEFORE_ALL, 0)
        parameters = {"category": stream.category, "id": stream.id, "version": version, "limit": limit}
        async with (
            self._lend() as connection,
            connection.cursor(row_factory=args_row(self._stored)) as cursor,
        ):
            await cursor.execute(_SQL["events_after"], parameters)
            return await cursor.fetchall()

    async def streams_after(self, last: StreamId | None, limit: int) -> Sequence[tuple[StreamId, bool]]:
        stream = last or _BEFORE_ALL
        parameters = {"category": stream.category, "id": stream.id, "limit": limit}
        async with self._lend() as connection:
            rows = await (await connection.execute(_SQL["streams_after"], parameters)).fetchall()
        return [(StreamId(row["stream_category"], row["stream_id"]), row["has_events"]) for row in rows]

    def _stored(self, *row: Any) -> StoredEvent:
        position, category, stream_id, version, type_name, schema_version, data, stream_version = row
        return StoredEvent(
            stream=StreamId(category, stream_id),
            version=version,
            position=position,
            stream_version=stream_version,
            type_name=type_name,
            schema_version=schema_version,
            event=self._event(type_name, schema_version, data),
        )

    def _event(self, type_name: str, schema_version: int, data: str) -> Event | None:
        try:
            return self._codec.decode(type_name, schema_version, data)
        except MalformedEventError:
            return None
