"""How long after a commit a subscription in another process is given the event, with NOTIFY and without."""

import asyncio
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from statistics import quantiles
from time import monotonic
from uuid import uuid4

from benchmarks.harness import Benchmark, Figures
from benchmarks.log_store import FACTS, Credited, log_in, recorder, server
from quayside.core.eventlog import StreamId

_EVENTS, _EVENTS_A_SECOND = 600, 60


@asynccontextmanager
async def _worker(url: str, mode: str) -> AsyncIterator[Process]:
    command = (sys.executable, "-m", "benchmarks.log_worker", url, mode)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


async def _latencies_ms(url: str, mode: str) -> list[float]:
    stream, committed = StreamId("account", uuid4()), [0.0] * _EVENTS
    spacing = random.Random(60)  # noqa: S311 - as callers come: at random, but the same in every run
    async with log_in(url, connections=2) as database, _worker(url, mode) as worker:
        assert worker.stdout is not None

        async def append(nth: int) -> None:
            reference, _, currency = FACTS
            await database.events.append(stream, recorder([Credited(reference, nth, currency)]), None)

        await append(_EVENTS)  # it is at work when it has told of this one
        await worker.stdout.readline()
        for nth in range(_EVENTS):
            await asyncio.sleep(spacing.expovariate(_EVENTS_A_SECOND))
            await append(nth)
            committed[nth] = monotonic()
        told = [(await worker.stdout.readline()).split() for _ in range(_EVENTS)]
    return [(float(at) - committed[int(nth)]) * 1e3 for nth, at in told]


def _p95(mode: str) -> Figures:
    with asyncio.Runner() as runner, server(runner) as url:
        return Figures(quantiles(runner.run(_latencies_ms(url, mode)), n=20)[-1])


BENCHMARKS = (
    Benchmark(name="log.wakeup_p95.poll", unit="ms", goal=10, measure=partial(_p95, "poll")),
    Benchmark(name="log.wakeup_p95.notify", unit="ms", goal=3, measure=partial(_p95, "notify")),
)
