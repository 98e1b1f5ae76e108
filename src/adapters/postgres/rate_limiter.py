"""Rate limits in PostgreSQL, for all processes on one database."""

from datetime import datetime

from attrs import define, field

from ...core.kernel import Clock
from ...core.resilience import RateCounter, RateLimit, RateVerdict
from .connection import Connection, Lend
from .queries import named_queries

_SQL = named_queries("rate_limiter")


@define(eq=False)
class PostgresRateLimiter:
    """
    Rows of ``rate_counter``. Without the database it raises, as everything else does then.

    Args:
        clock: What windows are measured by; the processes' clocks should agree to the second.
        sweep_every: After how many hits to drop old counters, twice as many at most: more than can have come since.
    """

    _lend: Lend
    _clock: Clock
    _sweep_every: int = field(default=1_000, kw_only=True)
    _hits: int = field(default=0, init=False)

    async def hit(self, limit: RateLimit, key: str) -> RateVerdict:
        now = self._clock()
        parameters = {
            "id": limit.counter_id(key),
            "at": now,
            "count": limit.count,
            "window_s": limit.window_s,
            "growth": limit.growth,
            "longest_wait_s": limit.longest_wait_s,
        }
        async with self._lend() as connection:
            row = await (await connection.execute(_SQL["hit"], parameters)).fetchone()
            await self._sweep_now_and_then(connection, now)
        assert row is not None  # a counter is made or changed, always
        return limit.verdict(RateCounter(**row), now)

    async def give_back(self, limit: RateLimit, key: str) -> None:
        parameters = {"id": limit.counter_id(key), "at": self._clock(), "count": limit.count}
        async with self._lend() as connection:
            await connection.execute(_SQL["give_back"], parameters)

    async def _sweep_now_and_then(self, connection: Connection, now: datetime) -> None:
        self._hits += 1
        if self._hits % self._sweep_every == 0:
            await connection.execute(_SQL["sweep"], {"at": now, "limit": 2 * self._sweep_every})
