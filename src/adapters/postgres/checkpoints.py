"""How far a subscription is and what it puts off, inside a transaction and out, in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from attrs import define

from ...core.eventlog import (
    DeferredEvent,
    DeferredEventNotFoundError,
    Lease,
    LeaseLostError,
    StreamId,
)
from .connection import Connection, Lend
from .queries import NamedQuery, named_queries

_SQL = named_queries("checkpoints")


@define(eq=False)
class PostgresCheckpoints:
    """
    On a connection whose transaction the caller owns.

    Args:
        connection: The transaction's.
    """

    _connection: Connection

    async def move(self, lease: Lease, position: int) -> None:
        parameters = {"name": lease.name, "token": lease.token, "known": lease.position, "position": position}
        if not (await self._connection.execute(_SQL["move"], parameters)).rowcount:
            raise LeaseLostError(lease.name)

    async def defer(self, events: Collection[DeferredEvent]) -> None:
        if events:
            rows = msgspec.json.encode([_row_of(event) for event in events]).decode()
            await self._connection.execute(_SQL["defer"], {"events": rows})

    async def settle(self, deferred: DeferredEvent) -> None:
        parameters = {"subscription": deferred.subscription, "position": deferred.position}
        await self._connection.execute(_SQL["settle"], parameters)


@define(eq=False)
class PostgresDeferredEvents:
    """Rows of ``deferred_event``."""

    _lend: Lend

    async def streams(self, subscription: str) -> frozenset[StreamId]:
        rows = await self._rows(_SQL["deferred_streams"], subscription=subscription)
        return frozenset(StreamId(row["stream_category"], row["stream_id"]) for row in rows)

    async def positions(self, subscription: str, *, after_position: int) -> frozenset[int]:
        parameters = {"subscription": subscription, "after_position": after_position}
        return frozenset(
            row["position"] for row in await self._rows(_SQL["deferred_positions"], **parameters)
        )

    async def due(self, subscription: str, at: datetime, limit: int = 100) -> Sequence[DeferredEvent]:
        rows = await self._rows(_SQL["due"], subscription=subscription, at=at, limit=limit)
        return [_deferred(**row) for row in rows]

    async def parked(
        self, subscription: str | None = None, *, after_position: int = 0, limit: int = 100
    ) -> Sequence[DeferredEvent]:
        rows = await self._rows(
            _SQL["parked"], subscription=subscription, after_position=after_position, limit=limit
        )
        return [_deferred(**row) for row in rows]

    async def retry(self, subscription: str, position: int) -> None:
        await self._change(_SQL["retry"], subscription, position)

    async def discard(self, subscription: str, position: int) -> None:
        await self._change(_SQL["discard"], subscription, position)

    async def _rows(self, query: NamedQuery, **parameters: object) -> Sequence[dict[str, Any]]:
        async with self._lend() as connection:
            return await (await connection.execute(query, parameters)).fetchall()

    async def _change(self, query: NamedQuery, subscription: str, position: int) -> None:
        parameters = {"subscription": subscription, "position": position}
        async with self._lend() as connection:
            if not (await connection.execute(query, parameters)).rowcount:
                raise DeferredEventNotFoundError(subscription, position)


def _row_of(event: DeferredEvent) -> dict[str, object]:
    return {
        "subscription": event.subscription,
        "position": event.position,
        "stream_category": event.stream.category,
        "stream_id": event.stream.id,
        "failures": event.failures,
        "error": event.error,
        "due_at": event.due_at,
        "parked_at": event.parked_at,
    }


def _deferred(*, stream_category: str, stream_id: Any, **row: Any) -> DeferredEvent:
    return DeferredEvent(stream=StreamId(stream_category, stream_id), **row)
