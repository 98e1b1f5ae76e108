"""Which sagas are open, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

from ...core.fulfilment import OPEN_SAGAS, OpenSaga, Phase, SagaBacklog, SagaKey
from .connection import Connection, Lend
from .generations import live_rows
from .queries import NamedQuery, named_queries

_SQL = named_queries("open_sagas")


@frozen
class PostgresOpenSagas:
    """Rows of ``open_saga``, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def load(self, generation: int, keys: Collection[SagaKey]) -> Sequence[OpenSaga]:
        # Planned each time: a plan from when the table was empty would read all of it while it is filled.
        cursor = await self._connection.execute(_SQL["load"], _named(generation, keys), prepare=False)
        return [_to_saga(row) for row in await cursor.fetchall()]

    async def store(self, generation: int, sagas: Mapping[SagaKey, OpenSaga | None]) -> None:
        # In order, so that a process that lost its lease unawares waits for the one that has it, and not both.
        kept = [saga for key in sorted(sagas) if (saga := sagas[key])]
        if kept:
            columns = {
                "phases": [saga.phase.value for saga in kept],
                "steps": [saga.step for saga in kept],
                "attempts": [saga.attempts for saga in kept],
                "started": [saga.started_at for saga in kept],
                "deadlines": [saga.deadline for saga in kept],
                "since": [saga.since for saga in kept],
                "due": [saga.due_at for saga in kept],
                "attention": [saga.attention for saga in kept],
            }
            named = _named(generation, [(saga.category, saga.id) for saga in kept])
            await self._connection.execute(_SQL["store"], named | columns)
        if ended := sorted(key for key in sagas if sagas[key] is None):
            await self._connection.execute(_SQL["delete"], _named(generation, ended))

    async def forget(self, generation: int) -> int:
        return (await self._connection.execute(_SQL["forget"], {"generation": generation})).rowcount


@frozen
class PostgresOpenSagaQueries:
    """Rows of ``open_saga`` as they are committed."""

    _lend: Lend

    async def due(self, at: datetime, limit: int) -> Sequence[OpenSaga]:
        return [_to_saga(row) for row in await self._rows(_SQL["due"], at=at, limit=limit)]

    async def list(self, *, needs_attention: bool | None = None, limit: int = 100) -> Sequence[OpenSaga]:
        rows = await self._rows(_SQL["list"], needs_attention=needs_attention, limit=limit)
        return [_to_saga(row) for row in rows]

    async def backlog(self) -> Sequence[SagaBacklog]:
        rows = await self._rows(_SQL["backlog"])
        return [SagaBacklog(**row | {"phase": Phase(row["phase"])}) for row in rows]

    async def _rows(self, query: NamedQuery, **parameters: object) -> Sequence[dict[str, Any]]:
        rows = await live_rows(self._lend, OPEN_SAGAS, query, **parameters)
        return [row for row in rows if row["category"] is not None]


def _named(generation: int, keys: Collection[tuple[str, UUID]]) -> dict[str, object]:
    categories, ids = [category for category, _ in keys], [id_ for _, id_ in keys]
    return {"generation": generation, "categories": categories, "ids": ids}


def _to_saga(row: Mapping[str, Any]) -> OpenSaga:
    return OpenSaga(**{**row, "phase": Phase(row["phase"])})
