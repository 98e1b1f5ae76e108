"""What an append costs in a log of ten million events, beside one of ten thousand."""

import asyncio
import random
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from hashlib import md5
from time import perf_counter
from uuid import UUID

import psycopg
from attrs import frozen

from benchmarks.harness import Benchmark, Figures, side_by_side
from benchmarks.log_store import FACTS, Credited, log_in, recorder, server
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import StreamId

_SMALL, _BIG, _EVENTS_A_STREAM = 10_000, 10_000_000, 20
_ROUNDS, _APPENDS = 15, 200

# The index of streams is built at the end: random ids, row by row, would take it far longer.
_FILL = """
ALTER TABLE events DROP CONSTRAINT events_stream_category_stream_id_version_key;
INSERT INTO streams (stream_category, stream_id, version)
SELECT 'account', md5(nth::text)::uuid, {length} FROM generate_series(1, {streams}) AS nth;
INSERT INTO events (
    stream_category, stream_id, version, type, schema_version, event_id, data, occurred_at, correlation_id
)
SELECT
    'account', md5(nth::text)::uuid, version, 'Credited', 1, gen_random_uuid(),
    '{{"reference": "invoice 2026-0815", "amount_minor": 1999, "currency": "GBP"}}', now(), gen_random_uuid()
FROM generate_series(1, {length}) AS version, generate_series(1, {streams}) AS nth;
ALTER TABLE events ADD UNIQUE (stream_category, stream_id, version);
"""


@frozen
class Filled:
    """A log with so many streams of the same length."""

    runner: asyncio.Runner
    database: PostgresDatabase
    streams: int

    @classmethod
    def of(cls, events: int, within: ExitStack, runner: asyncio.Runner) -> "Filled":
        url = within.enter_context(server(runner))
        streams = events // _EVENTS_A_STREAM
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_FILL.format(length=_EVENTS_A_STREAM, streams=streams).encode())
            connection.execute("VACUUM ANALYZE events, streams")
            connection.execute("CHECKPOINT")
        database = log_in(url, connections=2)
        runner.run(database.__aenter__())
        within.callback(lambda: runner.run(database.__aexit__(None, None, None)))
        return cls(runner, database, streams)

    def append(self) -> float:
        """Milliseconds an append, each to any stream."""

        async def write() -> None:
            for _ in range(_APPENDS):
                nth = random.randint(1, self.streams)  # noqa: S311
                stream = StreamId("account", UUID(md5(str(nth).encode()).hexdigest()))  # noqa: S324
                await self.database.events.append(stream, recorder([Credited(*FACTS)]), None)

        return _milliseconds(lambda: self.runner.run(write())) / _APPENDS


def _milliseconds(action: Callable[[], object]) -> float:
    start = perf_counter()
    action()
    return (perf_counter() - start) * 1e3


def _growth(big: int) -> Figures:
    with asyncio.Runner() as runner, ExitStack() as within:
        filled, small = (Filled.of(events, within, runner) for events in (big, _SMALL))
        return side_by_side(filled.append, small.append, rounds=_ROUNDS)


BENCHMARKS = (
    Benchmark(
        name="log.append_1.at_10_million.vs_10_thousand",
        unit="ms",
        goal=1.3,
        measure=partial(_growth, _BIG),
        soak=True,
    ),
)
