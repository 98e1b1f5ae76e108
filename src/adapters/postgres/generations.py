"""Generations of projections, in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from attrs import define

from ...core.eventlog import Generation, GenerationStatus, Lease, LeaseLostError, ProjectionNotBuiltError
from .connection import Connection, Lend, atomic
from .queries import NamedQuery, named_queries

_SQL = named_queries("generations")


@define(eq=False)
class PostgresGenerationRegister:
    """Rows of ``projection_generation``, for all processes on one database."""

    _lend: Lend

    async def of(self, projection: str | None = None) -> Sequence[Generation]:
        async with self._lend() as connection:
            return await _of(connection, projection)

    async def build(self, projection: str, version: int) -> Generation:
        async with self._one_by_one() as connection:
            building = _one(await _of(connection, projection), GenerationStatus.BUILDING)
            if building is not None:
                if building.version == version:
                    return building
                await _retire(connection, building)
            row = await _row(connection, _SQL["add"], projection=projection, version=version)
            assert row is not None
            return Generation(projection, row["number"], version, GenerationStatus.BUILDING)

    async def go_live(self, generation: Generation, lease: Lease) -> bool:
        async with self._one_by_one() as connection:
            own = await _row(connection, _SQL["lock_subscription"], name=generation.subscription)
            if own is None or (own["fencing_token"], own["position"]) != (lease.token, lease.position):
                raise LeaseLostError(lease.name)
            live = _one(await _of(connection, generation.projection), GenerationStatus.LIVE)
            if live is not None:
                others = await _row(connection, _SQL["lock_subscription"], name=live.subscription)
                if others is not None and others["position"] > own["position"]:
                    return False
            deferred = await _row(connection, _SQL["has_deferred"], name=generation.subscription)
            if deferred is None or deferred["has_deferred"]:
                return False
            if live is not None:
                await _retire(connection, live)
            await _set_status(connection, generation, GenerationStatus.LIVE)
            return True

    async def remove(self, generation: Generation) -> None:
        async with self._one_by_one() as connection:
            await _forget_subscription(connection, generation)
            await connection.execute(_SQL["remove"], {"number": generation.number})

    async def reached(self, projection: str) -> int:
        [row] = await live_rows(self._lend, projection, _SQL["reached"])
        position: int = row["position"]
        return position

    @asynccontextmanager
    async def _one_by_one(self) -> AsyncIterator[Connection]:
        async with self._lend() as connection, atomic(connection):
            await connection.execute(_SQL["one_by_one"])
            yield connection


async def live_rows(
    lend: Lend,
    projection: str,
    query: NamedQuery,
    **parameters: object,
) -> Sequence[dict[str, Any]]:
    """
    What is read of the live generation of *projection*.

    Args:
        query: Finds one row at least where a generation is live.

    Raises:
        ProjectionNotBuiltError: none is.
    """
    async with lend() as connection:
        rows = await (await connection.execute(query, {"projection": projection, **parameters})).fetchall()
    if not rows:
        raise ProjectionNotBuiltError(projection)
    return rows


async def _row(connection: Connection, query: NamedQuery, **parameters: object) -> dict[str, Any] | None:
    return await (await connection.execute(query, parameters)).fetchone()


async def _of(connection: Connection, projection: str | None) -> Sequence[Generation]:
    rows = await (await connection.execute(_SQL["of"], {"projection": projection})).fetchall()
    return [
        Generation(row["projection"], row["number"], row["version"], GenerationStatus(row["status"]))
        for row in rows
    ]


def _one(generations: Sequence[Generation], status: GenerationStatus) -> Generation | None:
    return next((each for each in generations if each.status == status), None)


async def _retire(connection: Connection, generation: Generation) -> None:
    await _forget_subscription(connection, generation)
    await _set_status(connection, generation, GenerationStatus.RETIRED)


async def _forget_subscription(connection: Connection, generation: Generation) -> None:
    # Whoever fills it is waited for by the first statement, so the second sees what they put off last.
    parameters = {"name": generation.subscription}
    await connection.execute(_SQL["forget_subscription"], parameters)
    await connection.execute(_SQL["forget_deferred"], parameters)


async def _set_status(connection: Connection, generation: Generation, status: GenerationStatus) -> None:
    await connection.execute(_SQL["set_status"], {"number": generation.number, "status": status})
