"""A restart of the server needs no restart of ours."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from builders.events import a_stream, notes
from postgres_writers import CODEC, RECORDER
from quayside.adapters.embedded import embedded_postgres
from quayside.adapters.postgres import DatabaseConnectionError, PostgresDatabase, migrate
from system.embedded_postgres.processes import kill_server

Answer = TypeVar("Answer")


async def once_it_answers(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """What *ask* gives when the server is back."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await ask()
            except DatabaseConnectionError:
                await asyncio.sleep(0.1)


async def test_a_killed_server_loses_nothing_and_is_found_again_when_it_is_back(tmp_path: Path) -> None:
    stream = a_stream()
    async with embedded_postgres(tmp_path) as url:
        await migrate(url)
        async with PostgresDatabase(url, CODEC, RECORDER, wait_timeout_s=1) as database:
            async with database.begin() as tx:
                await tx.events.append(stream, notes("a", "b"), 0)

            kill_server(tmp_path)

            async def append() -> int:
                async with database.begin() as tx:
                    return await tx.events.append(stream, notes("c"), 2)

            recorded = await once_it_answers(lambda: database.events.read_stream(stream))
            assert [event.version for event in recorded] == [1, 2]
            assert await once_it_answers(append) == 3
