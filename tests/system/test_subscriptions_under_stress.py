"""Everything takes effect once, in the order of its stream, while writers, workers and the server are killed."""

import asyncio
import os
import random
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import defaultdict
from pathlib import Path

import pytest
from attrs import define, field
from psycopg.conninfo import make_conninfo

from builders.subscribers import copies_of, text_of
from postgres_writers import CODEC, RECORDER, drawn, session
from quayside.adapters.embedded import embedded_postgres
from quayside.adapters.postgres import PostgresDatabase, migrate
from quayside.core.eventlog import StreamId
from quayside.entrypoints.worker import at_work
from system.embedded_postgres.processes import UNFLUSHED, kill_server
from system.log_workers import worker_on
from system.test_postgres_restart import once_it_answers

SYSTEM = Path(__file__).parent
WRITING, WRITERS_EACH, WORKING = 3, 8, 2
"""24 writers, and two workers of which each subscription has one."""
STANDS_STILL_S = 30


@define
class Crew:
    """Processes that all run one script; those that end, as they do when their server dies, are started anew."""

    script: str
    arguments: tuple[str, ...]
    processes: list[Process] = field(factory=list)

    async def hire(self, count: int) -> None:
        """Have *count* of them at work."""
        self.processes = [process for process in self.processes if process.returncode is None]
        while len(self.processes) < count:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(SYSTEM / self.script),
                *self.arguments,
                stdout=DEVNULL,
                stderr=DEVNULL,
                env=os.environ | {"PYTHONPATH": str(SYSTEM.parent)},
            )
            self.processes.append(process)

    async def lose(self, count: int = 1) -> None:
        """Kill *count* of them."""
        for process in random.sample(self.processes, min(count, len(self.processes))):
            if process.returncode is None:
                process.kill()
            await process.wait()


async def trouble(folder: Path, writers: Crew, workers: Crew, seconds: float) -> None:
    """Kill somebody every second or so, and the server now and then."""
    clock = asyncio.get_running_loop().time
    ends_at, nth = clock() + seconds, 0
    while clock() < ends_at:
        await writers.hire(WRITING)
        await workers.hire(WORKING)
        await asyncio.sleep(1.5)
        nth += 1
        await (workers if nth % 2 else writers).lose()
        if nth % 6 == 0:
            kill_server(folder, waits=False)
    await writers.lose(WRITING)
    await workers.lose(WORKING)


@pytest.mark.parametrize("seconds", [30, pytest.param(600, marks=pytest.mark.soak)])
async def test_nothing_is_missed_reordered_or_done_twice(tmp_path: Path, seconds: float) -> None:
    told = tmp_path / "told"
    told.touch()
    async with embedded_postgres(tmp_path, settings=UNFLUSHED) as url:
        await migrate(url)
        async with session(await another_database(url)) as held_open:
            await drawn(held_open, "never")
            writers = Crew("log_writers.py", (url, str(WRITERS_EACH)))
            await trouble(tmp_path, writers, Crew("log_workers.py", (url, str(told))), seconds)
            async with PostgresDatabase(url, CODEC, RECORDER) as database:
                await caught_up(database, told)
                log = await database.events.read_all(limit=10_000_000)

    noted: dict[StreamId, list[str]] = defaultdict(list)
    copied: dict[StreamId, list[str]] = defaultdict(list)
    for recorded in log:
        if recorded.stream.category == "note":
            noted[copies_of(recorded.stream)].append(str(recorded.version))
        else:
            copied[recorded.stream].append(text_of(recorded))
    assert len(log) > 1_000
    assert copied == noted
    assert first_told(told) == {str(stream.id): versions for stream, versions in noted.items()}


async def another_database(url: str) -> str:
    """With the schema, on the same server."""
    async with session(url) as connection:
        await connection.set_autocommit(True)
        await connection.execute("CREATE DATABASE elsewhere")
    conninfo = make_conninfo(url, dbname="elsewhere")
    await migrate(conninfo)
    return conninfo


async def caught_up(database: PostgresDatabase, told: Path) -> None:
    """Let one worker do what is left, which after ten minutes is much, for as long as it gets on."""
    end = await once_it_answers(database.follower.end)
    before: object = None
    async with at_work(worker_on(database, told)), asyncio.timeout(None) as patience:
        while True:
            states = await database.subscriptions.states()
            if all(state.position >= end and not state.deferred for state in states):
                return
            if before != (before := [(state.position, state.deferred) for state in states]):
                patience.reschedule(asyncio.get_running_loop().time() + STANDS_STILL_S)
            await asyncio.sleep(0.1)


def first_told(told: Path) -> dict[str, list[str]]:
    """What was told of each stream, without what was told again."""
    told_of: dict[str, dict[str, None]] = defaultdict(dict)
    for line in told.read_text().splitlines():
        stream, version = line.split()
        told_of[stream].setdefault(version)
    return {stream: [*versions] for stream, versions in told_of.items()}
