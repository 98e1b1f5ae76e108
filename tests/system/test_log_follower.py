"""Following the log while writers, clients and servers die."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define, field

from postgres_databases import SERVERS, copied_database, new_database
from postgres_writers import CODEC, RECORDER, committed, drawn, session, what_follows
from quayside.adapters.embedded import embedded_postgres
from quayside.adapters.postgres import DatabaseError, PostgresDatabase, migrate
from quayside.core.eventlog import LogFollower, RecordedEvent
from system.embedded_postgres.processes import UNFLUSHED, kill_server
from system.test_postgres_restart import once_it_answers

TESTS = Path(__file__).parents[1]
PROCESSES, WRITERS_EACH = 3, 7
KILLS = 4
KILL_EVERY_S = 0.6

_SETTINGS = {**UNFLUSHED, "max_prepared_transactions": "4"}


@pytest.mark.parametrize("wrote", [True, False], ids=["has written", "has only drawn"])
async def test_a_transaction_prepared_before_the_server_died_is_still_waited_for(
    tmp_path: Path, *, wrote: bool
) -> None:
    async with embedded_postgres(tmp_path, settings=_SETTINGS) as url:
        await migrate(url)
        async with PostgresDatabase(url, CODEC, RECORDER, wait_timeout_s=1) as database:
            async with session(url) as writer:
                if (
                    not wrote
                ):  # no transaction has an id before it writes, and a position may be drawn before that
                    await writer.execute("LOCK TABLE events IN ROW EXCLUSIVE MODE")
                    await writer.execute("SELECT nextval('events_global_position_seq')")
                    await committed(database, "behind")
                    assert await what_follows(database.follower, 0) == ([], True)
                await drawn(writer, "slow")
                await committed(database, "further behind")
                assert await what_follows(database.follower, 0) == ([], True)
                await writer.execute("PREPARE TRANSACTION 'slow'")

            kill_server(tmp_path)

            assert await once_it_answers(lambda: what_follows(database.follower, 0)) == ([], True)
            await once_it_answers(lambda: commit_prepared(database))
            expected = ["slow", "further behind"] if wrote else ["behind", "slow", "further behind"]
            assert await once_it_answers(lambda: what_follows(database.follower, 0)) == (expected, False)


async def commit_prepared(database: PostgresDatabase) -> None:
    async with database.read() as connection:
        await connection.execute("COMMIT PREPARED 'slow'")


async def test_a_replica_is_not_believed_at_a_gap(tmp_path: Path) -> None:
    async with embedded_postgres(tmp_path, settings=UNFLUSHED) as url:
        await migrate(url)
        async with PostgresDatabase(url, CODEC, RECORDER) as database, session(url) as writer:
            await drawn(writer, "never")
            await committed(database, "behind")
    make_replica(tmp_path)

    async with (
        embedded_postgres(tmp_path, settings=UNFLUSHED) as url,
        PostgresDatabase(url, CODEC, RECORDER) as replica,
    ):
        with pytest.raises(DatabaseError, match="replica"):
            await replica.follower.read(after_position=0)


def make_replica(folder: Path) -> None:
    """Have the server whose data is in *folder* start as a replica the next time."""
    [configuration] = folder.rglob("postgresql.conf")
    configuration.with_name("standby.signal").touch()


@define
class Reader:
    """Follows the log from its beginning, and notes how long it stood at a gap."""

    follower: LogFollower
    position: int = 0
    received: list[RecordedEvent] = field(factory=list)
    gaps: int = 0
    longest_gap_s: float = 0.0

    async def step(self) -> bool:
        """Read once; tell whether there was something."""
        before = self.position
        stretch = await self.follower.read(after_position=before)
        self.received += stretch.events
        self.position = stretch.position
        if stretch.gap_age_s is not None:
            self.gaps += 1
            self.longest_gap_s = max(self.longest_gap_s, stretch.gap_age_s)
        return stretch.position > before

    async def follow(self) -> None:
        while True:
            if not await self.step():
                await asyncio.sleep(0.005)


async def writers(conninfo: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(TESTS / "system" / "log_writers.py"),
        conninfo,
        str(WRITERS_EACH),
        stdout=PIPE,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )


@pytest.fixture(params=SERVERS)
def two_databases(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """With the schema, on one server."""
    with new_database(request.getfixturevalue(f"{request.param}_server")) as conninfo:
        asyncio.run(migrate(conninfo))
        with copied_database(conninfo) as copy:
            yield conninfo, copy


async def test_of_what_many_writers_commit_while_clients_die_nothing_is_missed_or_reordered(
    two_databases: tuple[str, str],
) -> None:
    ours, theirs = two_databases
    async with PostgresDatabase(ours, CODEC, RECORDER) as database, session(theirs) as elsewhere:
        await drawn(elsewhere, "held open")
        reader = Reader(database.follower)
        following = asyncio.create_task(reader.follow())
        await write_and_die(ours)
        assert not following.done()
        following.cancel()
        async with asyncio.timeout(5):
            end = await database.follower.end()
            while reader.position < end:
                await reader.step()
        log = await database.events.read_all(limit=10_000_000)

    assert len(log) > 100
    assert reader.received == list(log)
    assert reader.gaps > 0
    assert reader.longest_gap_s < 2


async def write_and_die(conninfo: str) -> None:
    """Have many write for a while, and kill one process after the other."""
    processes = [await writers(conninfo) for _ in range(PROCESSES)]
    try:
        for _ in range(KILLS):
            oldest = processes.pop(0)
            await has_begun(oldest)
            await asyncio.sleep(KILL_EVERY_S)
            await killed(oldest)
            processes.append(await writers(conninfo))
    finally:
        for process in processes:
            await killed(process)


async def has_begun(process: Process) -> None:
    assert process.stdout is not None
    assert await process.stdout.readline(), "the writers ended by themselves"


async def killed(process: Process) -> None:
    assert process.returncode is None, "the writers ended by themselves"
    process.kill()
    await process.wait()
