"""Documents of projections, in PostgreSQL."""

import json
from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from ...core.eventlog import Document, JsonObject
from .connection import Connection, Lend
from .generations import live_rows
from .queries import named_queries

_SQL = named_queries("documents")

_LAST = "\U0010ffff"  # no character, so no key has it, and all that begin alike come before


@frozen
class PostgresDocuments:
    """Rows of ``document``, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def load(self, generation: int, keys: Collection[str]) -> Mapping[str, JsonObject]:
        if not keys:
            return {}
        parameters = {"generation": generation, "keys": [*keys]}
        # Planned each time: a plan from when the table was empty would read all of it while it is filled.
        cursor = await self._connection.execute(_SQL["load"], parameters, prepare=False)
        rows = await cursor.fetchall()
        return {row["key"]: row["body"] for row in rows}

    async def store(self, generation: int, documents: Mapping[str, JsonObject | None]) -> None:
        # In order, so that a process that lost its lease unawares waits for the one that has it, and not both.
        kept = {key: body for key in sorted(documents) if (body := documents[key]) is not None}
        if kept:
            bodies = [json.dumps(body, allow_nan=False) for body in kept.values()]
            parameters = {"generation": generation, "keys": [*kept], "bodies": bodies}
            await self._connection.execute(_SQL["store"], parameters)
        deleted = sorted(documents.keys() - kept.keys())
        if deleted:
            await self._connection.execute(_SQL["delete"], {"generation": generation, "keys": deleted})

    async def forget(self, generation: int) -> int:
        return (await self._connection.execute(_SQL["forget"], {"generation": generation})).rowcount


@frozen
class PostgresDocumentQueries:
    """Rows of ``document``."""

    _lend: Lend

    async def get(self, projection: str, key: str) -> JsonObject | None:
        rows = await live_rows(self._lend, projection, _SQL["get"], key=key)
        document: JsonObject | None = rows[0]["body"]
        return document

    async def list(
        self,
        projection: str,
        *,
        prefix: str = "",
        after: str | None = None,
        descending: bool = False,
        limit: int = 100,
    ) -> Sequence[Document]:
        end = prefix + _LAST
        if descending:
            end = end if after is None else min(after, end)
            rows = await live_rows(
                self._lend, projection, _SQL["descending"], first=prefix, end=end, limit=limit
            )
        else:
            bounds = {"first": prefix, "end": end, "after": after or ""}
            rows = await live_rows(self._lend, projection, _SQL["ascending"], **bounds, limit=limit)
        return [Document(row["key"], row["body"]) for row in rows if row["key"] is not None]
