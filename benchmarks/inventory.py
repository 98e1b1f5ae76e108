"""Reserving stock beside the usual row locks, on a PostgreSQL that flushes commits."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from time import perf_counter
from uuid import uuid4

from attrs import define, field

from benchmarks.harness import Benchmark, Figures, side_by_side
from benchmarks.log_store import recorder, server
from benchmarks.peers.row_locks import RowLocks
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.adapters.system import utc_now
from quayside.core.eventlog import EventRegistry
from quayside.core.inventory import EVENTS, AdjustStock, Reservation, ReservationId, ReservationLine

_AT_ONCE, _SKUS, _LINES, _ROUNDS = 20, 200, 3, 9
_RESERVATIONS = 50  # a round, by each of those who do it at once
_WAREHOUSE = "main"


@define
class Shelves:
    """Plenty of each SKU; a basket has three of them."""

    database: PostgresDatabase
    _choice: Random = field(factory=lambda: Random(7), init=False)  # noqa: S311

    async def fill(self) -> None:
        adjust = AdjustStock(self.database.begin, utc_now)
        for nth in range(_SKUS):
            await adjust(_WAREHOUSE, f"sku-{nth}", 1_000_000_000)

    async def ours(self) -> None:
        for _ in range(_RESERVATIONS):
            reservation = Reservation(
                id=ReservationId(uuid4()),
                reference=uuid4(),
                warehouse=_WAREHOUSE,
                lines=tuple(ReservationLine(sku, 1) for sku in sorted(self._basket())),
                created_at=utc_now(),
            )
            await self.database.reservations.save(reservation, reservation.reserved())

    async def by_row_locks(self) -> None:
        for _ in range(_RESERVATIONS):
            async with self.database.read() as connection:
                wanted = dict.fromkeys(self._basket(), 1)
                held = await RowLocks(connection).reserve(uuid4(), _WAREHOUSE, wanted, utc_now())
            assert held

    def _basket(self) -> list[str]:
        return [f"sku-{nth}" for nth in self._choice.sample(range(_SKUS), _LINES)]


def _rate(runner: asyncio.Runner, reserve: Callable[[], Awaitable[None]]) -> float:
    """Reservations a second."""

    async def all_at_once() -> None:
        await asyncio.gather(*(reserve() for _ in range(_AT_ONCE)))

    start = perf_counter()
    runner.run(all_at_once())
    return _AT_ONCE * _RESERVATIONS / (perf_counter() - start)


def _reserve() -> Figures:
    with asyncio.Runner() as runner, server(runner) as url:
        database = PostgresDatabase(
            url,
            MsgspecEventCodec(EventRegistry(EVENTS)),
            recorder,
            min_connections=_AT_ONCE,
            max_connections=_AT_ONCE,
        )
        runner.run(database.__aenter__())
        shelves = Shelves(database)
        runner.run(shelves.fill())
        figures = side_by_side(
            partial(_rate, runner, shelves.ours), partial(_rate, runner, shelves.by_row_locks), rounds=_ROUNDS
        )
        runner.run(database.__aexit__(None, None, None))
        return figures


BENCHMARKS = (
    Benchmark(
        name="inventory.reserve_200_skus.vs_row_locks",
        unit="1/s",
        goal=2,
        measure=_reserve,
        better="higher",
    ),
)
