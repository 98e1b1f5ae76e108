"""A view that is built anew again and again, while those who keep it are killed."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from builders.events import a_stream, notes
from builders.projections import SAYINGS
from builders.transactions import GivenUpError
from postgres_writers import CODEC, RECORDER
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import ProjectionNotBuiltError, StreamId
from quayside.entrypoints.worker import ProjectionWatch

TESTS = Path(__file__).parents[1]
KEEPERS, WRITERS, GENERATIONS = 2, 6, 5
KILL_EVERY_S = 0.8


@define(eq=False)
class Village:
    """People who say something, now and then think better of it, and read what was said."""

    conninfo: str
    database: PostgresDatabase
    built: set[int] = field(factory=set)
    read: dict[str, list[str]] = field(factory=dict)
    flaws: list[str] = field(factory=list)
    keepers: list[Process] = field(factory=list)

    async def writes(self, stream: StreamId, slowness_s: float) -> None:
        for number in count():
            with suppress(GivenUpError):
                async with self.database.begin() as tx:
                    await tx.events.append(stream, notes(str(number)), None)
                    await asyncio.sleep(slowness_s)
                    if number % 10 == 9:
                        raise GivenUpError
            await asyncio.sleep(0.02)

    async def reads(self) -> None:
        """Notes whatever is missing of what was there before."""
        while True:
            with suppress(ProjectionNotBuiltError):
                now = await self.view()
                self.flaws += [
                    f"{key} has {now.get(key)} after {texts}"
                    for key, texts in self.read.items()
                    if now.get(key, [])[: len(texts)] != texts
                ]
                self.read = now
            await asyncio.sleep(0.01)

    async def builds_anew(self) -> None:
        while len(self.built) < GENERATIONS:
            generation = await self.database.generations.build(SAYINGS.name, SAYINGS.version)
            self.built.add(generation.number)
            await asyncio.sleep(0.1)

    async def kills(self) -> None:
        while True:
            keeper = self.keepers[0]
            assert keeper.stdout is not None
            assert await keeper.stdout.readline(), "the keeper ended by itself"
            await asyncio.sleep(KILL_EVERY_S)
            keeper.kill()
            await keeper.wait()
            del self.keepers[0]
            await self.hires()

    async def hires(self) -> None:
        script = str(TESTS / "system" / "view_keeper.py")
        self.keepers.append(
            await asyncio.create_subprocess_exec(
                sys.executable, script, self.conninfo, env={"PYTHONPATH": str(TESTS)}, stdout=PIPE
            )
        )

    async def view(self) -> dict[str, list[str]]:
        documents = await self.database.documents.list(SAYINGS.name)
        return {document.key: document.body["texts"] for document in documents}


@pytest.fixture
async def village(embedded_database: str) -> AsyncIterator[Village]:
    async with PostgresDatabase(embedded_database, CODEC, RECORDER, max_connections=10) as database:
        village = Village(embedded_database, database)
        for _ in range(KEEPERS):
            await village.hires()
        yield village
        for keeper in village.keepers:
            if keeper.returncode is None:
                keeper.kill()
            await keeper.wait()


async def meanwhile(main: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, None]) -> None:
    """Let *others* live as long as *main* lasts."""
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        lives = [group.create_task(other) for other in others]
        await main
        for life in lives:
            life.cancel()


async def test_nobody_ever_reads_half_a_view_and_no_event_is_lost_or_doubled(village: Village) -> None:
    writers = (village.writes(a_stream("saying"), 0.05 * nth / WRITERS) for nth in range(WRITERS))
    await meanwhile(village.builds_anew(), *writers, village.reads(), village.kills())

    recorded = await village.database.events.read_all(limit=100_000)
    await ProjectionWatch(village.database.generations).wait_for(
        SAYINGS.name, recorded[-1].position, timeout_s=20
    )

    assert village.flaws == []
    assert await village.view() == {
        key: document["texts"] for key, document in SAYINGS.folded(recorded).items()
    }
