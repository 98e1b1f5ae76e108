"""Following the event log in PostgreSQL."""

from asyncio import Lock, sleep
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from attrs import define, evolve, field, frozen

from ...core.eventlog import EVERYTHING, Event, EventCodec, EventFilter, LogSetBackError, Stretch
from .connection import Lend
from .errors import DatabaseError
from .event_log import reading_on, recorded, rows_of_events
from .queries import named_queries

_SQL = named_queries("log_follower")

_PAUSE_S = 0.01

_Row = Sequence[Any]  # begins with the position; the column _DATA is null in what is not wanted
_DATA = 6


@frozen
class _UnderWay:
    """
    What had begun when it was looked up.

    Args:
        newest: The position of the newest event.
        writers: The transactions that may fill one before it, each as all the ids that it has.
        since: When it was looked up first, on the monotonic clock.
    """

    newest: int
    writers: Sequence[frozenset[str]]
    since: float

    def left_in(self, later: "_UnderWay") -> "_UnderWay":
        """Those of these writers that are under way *later*, too, with the ids that they have by then."""
        ids = frozenset[str]().union(*self.writers)
        return evolve(self, writers=[writer for writer in later.writers if not ids.isdisjoint(writer)])


@define(eq=False)
class PostgresLogFollower:
    """
    Delivers what stands without a gap; at one, finds out who may fill it and passes on when they have ended.

    What it finds out holds for every subscriber: up to which position the log is settled, and whom to wait for to
    settle it up to a later one.

    Args:
        lend: Gives a connection in autocommit to the primary server for each statement.
        codec: Turns what is stored into events.
        monotonic: The time in seconds since whenever.
    """

    _lend: Lend
    _codec: EventCodec
    _monotonic: Callable[[], float] = monotonic
    _settled: int = field(default=0, init=False)
    _newest: int = field(default=0, init=False)  # when it was last asked for
    _awaited: _UnderWay | None = field(default=None, init=False)
    _one_by_one: Lock = field(factory=Lock, init=False)

    async def read(self, *, after_position: int, limit: int = 500, of: EventFilter = EVERYTHING) -> Stretch:
        settled = self._settled  # before the statement: only then does it show all that was ever to come
        rows = await self._rows(after_position, limit, of)
        if len(rows) < limit and (rows[-1][0] if rows else after_position) < settled:
            settled = self._begin_anew()
        if not rows and after_position > self._newest and await self.newest() < after_position:
            raise LogSetBackError(after_position)
        ready = _before_gap(rows, after_position, settled)
        if ready < len(rows) and await self._settle(rows[ready][0] - 1):
            settled = self._settled
            rows = await self._rows(after_position, limit, of)
            ready = _before_gap(rows, after_position, settled)
        decode = reading_on(self._codec)
        events = [recorded(row, decode) for row in rows[:ready] if row[_DATA] is not None]
        position = rows[ready - 1][0] if ready else after_position
        if ready == len(rows):
            return Stretch(events, position)
        return Stretch(events, max(position, settled), self._gap_age_s())

    async def newest(self) -> int:
        async with self._lend() as connection:
            row = await (await connection.execute(_SQL["newest"])).fetchone()
        assert row is not None
        self._newest = row["newest"]
        return self._newest

    async def next_since(self, position: int) -> datetime | None:
        async with self._lend() as connection:
            row = await (await connection.execute(_SQL["next_since"], {"position": position})).fetchone()
        return row["occurred_at"] if row else None

    async def end(self) -> int:
        awaited = first = await self._under_way()
        while awaited.writers:
            await sleep(_PAUSE_S)
            awaited = awaited.left_in(await self._under_way())
        return first.newest

    async def _settle(self, position: int) -> bool:
        """Tell whether everything up to *position* is settled by now."""
        # One by one, because a look that is older than another knows nothing of those who began in between.
        async with self._one_by_one:
            if self._settled < position:
                present = await self._under_way()
                if self._awaited is not None:
                    self._await(self._awaited.left_in(present))
                if self._awaited is None and self._settled < position:
                    self._await(present)
        return self._settled >= position

    def _begin_anew(self) -> int:
        """Forget what was found out: the log ends before what is settled, so an earlier state of it was put back."""
        self._settled, self._awaited = 0, None
        return 0

    def _await(self, awaited: _UnderWay) -> None:
        self._awaited = awaited if awaited.writers else None
        if not awaited.writers:
            self._settled = max(self._settled, awaited.newest)

    def _gap_age_s(self) -> float:
        return self._monotonic() - self._awaited.since if self._awaited else 0.0

    async def _rows(self, after_position: int, limit: int, of: EventFilter) -> Sequence[_Row]:
        parameters = {
            "after_position": after_position,
            "limit": limit,
            "categories": None if of.categories is None else [*of.categories],
            "types": None if of.types is None else self._names(of.types),
        }
        async with self._lend() as connection, rows_of_events(connection) as cursor:
            await cursor.execute(_SQL["read"], parameters)
            return await cursor.fetchall()

    def _names(self, types: Iterable[type[Event]]) -> list[str]:
        return [name for each in types for name in self._codec.stored_names(each)]

    async def _under_way(self) -> _UnderWay:
        async with self._lend() as connection:
            row = await (await connection.execute(_SQL["under_way"])).fetchone()
        assert row is not None
        if row["on_replica"]:
            raise DatabaseError("A replica cannot tell which transactions are under way: follow the primary.")
        writers = [frozenset(writer.split()) for writer in row["writers"]]
        return _UnderWay(row["newest"], writers, self._monotonic())


def _before_gap(rows: Sequence[_Row], after_position: int, settled: int) -> int:
    """How many of *rows* come before the first position that is missing and not settled."""
    last = after_position
    for nth, (position, *_) in enumerate(rows):
        if position - 1 > max(last, settled):
            return nth
        last = position
    return len(rows)
