"""Whom a follower of the log in PostgreSQL waits for at a gap, and whom not."""

import asyncio
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from psycopg import sql

from builders.events import a_stream, notes
from postgres_databases import copied_database, delete_all_rows, new_database
from postgres_writers import CODEC, RECORDER, committed, drawn, session, terminate, texts, what_follows
from quayside.adapters.embedded.binaries import installed_binaries
from quayside.adapters.postgres import PostgresDatabase, PostgresLogFollower, migrate
from quayside.core.eventlog import EventFilter, MalformedEvent


@pytest.fixture
async def database(emptied_database: str) -> AsyncIterator[PostgresDatabase]:
    async with PostgresDatabase(emptied_database, CODEC, RECORDER) as database:
        yield database


@pytest.fixture
async def start(database: PostgresDatabase) -> int:
    """The position of an event after which there is no gap yet."""
    await committed(database, "start")
    return await database.follower.end()


async def test_before_a_gap_everything_is_delivered_and_behind_it_nothing(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    await committed(database, "before")
    async with session(emptied_database) as writer:
        await drawn(writer, "slow")
        await committed(database, "behind")

        stretch = await database.follower.read(after_position=start)
        again = await database.follower.read(after_position=stretch.position)
        await writer.commit()

    assert (texts(stretch), stretch.gap) == (["before"], True)
    assert (texts(again), again.gap, again.position) == ([], True, stretch.position)
    assert await what_follows(database.follower, stretch.position) == (["slow", "behind"], False)


async def test_what_was_rolled_back_is_passed_at_once(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    async with session(emptied_database) as writer:
        await drawn(writer, "never", "ever")
        await writer.rollback()
    await committed(database, "behind")

    assert await what_follows(database.follower, start) == (["behind"], False)


async def test_those_who_begin_later_are_not_waited_for(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    async with (
        session(emptied_database) as first,
        session(emptied_database) as second,
        session(emptied_database) as third,
    ):
        await drawn(first, "never")
        await drawn(second, "second")
        await committed(database, "behind")
        assert await what_follows(database.follower, start) == ([], True)
        await drawn(third, "third")
        await first.rollback()
        assert await what_follows(database.follower, start) == ([], True)

        await second.commit()

        assert await what_follows(database.follower, start) == (["second", "behind"], False)


async def test_of_several_gaps_each_is_passed_when_it_is_settled(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    async with session(emptied_database) as first, session(emptied_database) as second:
        await drawn(first, "first")
        await committed(database, "between")
        assert await what_follows(database.follower, start) == ([], True)
        await drawn(second, "second")
        await committed(database, "behind")
        await first.commit()

        assert await what_follows(database.follower, start) == (["first", "between"], True)
        await second.rollback()

    assert await what_follows(database.follower, start) == (["first", "between", "behind"], False)


@pytest.mark.parametrize("commits", [True, False], ids=["commits", "rolls back"])
async def test_a_gap_that_was_never_seen_open_is_settled_like_any_other(
    emptied_database: str, database: PostgresDatabase, start: int, *, commits: bool
) -> None:
    async with session(emptied_database) as writer:
        await drawn(writer, "slow")
        await committed(database, "behind")
        await (writer.commit() if commits else writer.rollback())

    late = PostgresLogFollower(database.read, CODEC)

    assert await what_follows(late, start) == (["slow", "behind"] if commits else ["behind"], False)


async def test_a_writer_whose_client_died_is_passed(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    async with session(emptied_database) as writer:
        await drawn(writer, "never")
        await committed(database, "behind")
        assert await what_follows(database.follower, start) == ([], True)

        await terminate(database, [writer.info.backend_pid])

        assert await what_follows(database.follower, start) == (["behind"], False)


async def test_a_follower_that_loses_its_connections_at_a_gap_still_waits(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    async with (
        session(emptied_database) as writer,
        PostgresDatabase(emptied_database, CODEC, RECORDER) as other,
    ):
        await drawn(writer, "slow")
        await committed(database, "behind")
        assert await what_follows(other.follower, start) == ([], True)
        async with other.read() as one, other.read() as two:
            pids = [one.info.backend_pid, two.info.backend_pid]
        await terminate(database, pids)

        assert await what_follows(other.follower, start) == ([], True)
        await writer.commit()

        assert await what_follows(other.follower, start) == (["slow", "behind"], False)


async def test_a_savepoint_that_was_rolled_back_is_passed_and_what_follows_it_is_not(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    async with session(emptied_database) as writer:
        await writer.execute("SAVEPOINT here")
        await drawn(writer, "never")
        await writer.execute("ROLLBACK TO here")
        await committed(database, "one")
        assert await what_follows(database.follower, start) == (["one"], False)

        await drawn(writer, "slow")
        await committed(database, "two")
        assert await what_follows(database.follower, start) == (["one"], True)
        await writer.commit()

    assert await what_follows(database.follower, start) == (["one", "slow", "two"], False)


@pytest.mark.parametrize(
    "mode", ["ACCESS SHARE", "ROW SHARE", "SHARE UPDATE EXCLUSIVE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE"]
)
async def test_readers_vacuum_and_changes_of_the_schema_are_not_waited_for(
    emptied_database: str, database: PostgresDatabase, start: int, mode: str
) -> None:
    async with session(emptied_database) as writer, session(emptied_database) as other:
        await drawn(writer, "never")
        await committed(database, "behind")
        await writer.rollback()
        await other.execute(sql.SQL("LOCK TABLE events IN {} MODE").format(sql.SQL(mode)))

        assert await what_follows(database.follower, start) == (["behind"], False)


async def test_a_transaction_that_follows_the_log_behind_its_own_events_does_not_wait_for_itself(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    async with database.begin() as tx, session(emptied_database) as other:
        await tx.events.append(a_stream(), notes("own"), None)
        assert await what_follows(database.follower, start) == ([], False)

        await drawn(other, "behind")
        await other.commit()

        assert await what_follows(database.follower, start) == ([], True)
    assert await what_follows(database.follower, start) == (["own", "behind"], False)


@pytest.mark.parametrize("seen_before", [True, False], ids=["seen before", "not seen"])
@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
async def test_a_prepared_transaction_is_waited_for(
    embedded_database: str, ending: str, *, seen_before: bool
) -> None:
    delete_all_rows(embedded_database)
    name = uuid4().hex  # of the whole server, which others use at the same time
    async with PostgresDatabase(embedded_database, CODEC, RECORDER) as database:
        follower = database.follower
        await committed(database, "start")
        start = await follower.end()
        async with session(embedded_database) as writer:
            await drawn(writer, "slow")
            await committed(database, "behind")
            if seen_before:
                assert await what_follows(follower, start) == ([], True)
            await writer.execute(f"PREPARE TRANSACTION '{name}'".encode())
        try:
            assert await what_follows(follower, start) == ([], True)
        finally:
            async with database.read() as connection:
                await connection.execute(f"{ending} PREPARED '{name}'".encode())

        expected = ["slow", "behind"] if ending == "COMMIT" else ["behind"]
        assert await what_follows(follower, start) == (expected, False)


async def test_a_writer_in_another_database_is_not_waited_for(embedded_server: str) -> None:
    with new_database(embedded_server) as ours:
        await migrate(ours)
        with copied_database(ours) as theirs:
            async with (
                PostgresDatabase(ours, CODEC, RECORDER) as database,
                session(theirs) as other,
                session(ours) as writer,
            ):
                await drawn(other, "elsewhere")
                await drawn(writer, "never")
                await committed(database, "behind")
                await writer.rollback()

                assert await what_follows(database.follower, 0) == (["behind"], False)


async def test_a_dump_restored_on_another_server_is_followed_as_any_other_log(
    emptied_database: str, embedded_server: str, database: PostgresDatabase, start: int
) -> None:
    async with session(emptied_database) as writer:
        await drawn(writer, "never")
        await committed(database, "before")
        await writer.rollback()
    tools = next(installed_binaries()).folder
    dump = await ran([tools / "pg_dump", "--no-owner", emptied_database])
    with new_database(embedded_server) as restored:
        await ran([tools / "psql", "--quiet", restored], dump)
        async with PostgresDatabase(restored, CODEC, RECORDER) as copy, session(restored) as writer:
            assert await what_follows(copy.follower, start) == (["before"], False)
            await drawn(writer, "slow")
            await committed(copy, "behind")
            assert await what_follows(copy.follower, start) == (["before"], True)
            await writer.commit()

            assert await what_follows(copy.follower, start) == (["before", "slow", "behind"], False)


# Settings that one release writes and another does not know are complained of and left out.
async def ran(command: list[object], given: bytes = b"") -> bytes:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, complaints = await process.communicate(given)
    assert process.returncode == 0, complaints.decode()
    return out


async def test_a_log_of_which_an_earlier_state_was_put_back_is_followed_as_any_other(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    async with session(emptied_database) as writer:
        await drawn(writer, "never", "ever")
        await writer.rollback()
    await committed(database, "lost")
    assert await what_follows(database.follower, start) == (["lost"], False)
    async with database.read() as connection:
        await connection.execute("DELETE FROM events WHERE global_position > %s", [start])
        await connection.execute(f"ALTER TABLE events ALTER global_position RESTART {start + 1}".encode())

    async with session(emptied_database) as writer:
        await drawn(writer, "slow")
        await committed(database, "behind")
        assert await what_follows(database.follower, start) == ([], True)
        await writer.commit()

    assert await what_follows(database.follower, start) == (["slow", "behind"], False)


async def test_without_a_gap_a_read_is_one_statement(emptied_database: str) -> None:
    statements: Counter[str] = Counter()
    async with PostgresDatabase(
        emptied_database, CODEC, RECORDER, observe_query=lambda name, _: statements.update([name])
    ) as database:
        follower = database.follower
        async with session(emptied_database) as writer:
            await drawn(writer, "never")
            await committed(database, "a", "b")
            await writer.rollback()
        settled = (await follower.read(after_position=0)).position
        await committed(database, "c")
        statements.clear()

        assert await what_follows(follower, settled) == (["c"], False)
        assert await what_follows(follower, 0) == (["a", "b", "c"], False)
        assert await what_follows(follower, settled + 1) == ([], False)

    assert statements["log_follower.read"] == 3
    assert statements["log_follower.under_way"] == 0


async def test_only_what_is_wanted_is_decoded(database: PostgresDatabase, start: int) -> None:
    async with database.read() as connection:
        await connection.execute(
            "INSERT INTO events (stream_category, stream_id, version, type, schema_version, event_id, data,"
            " occurred_at, correlation_id) VALUES ('rumour', gen_random_uuid(), 1, 'Noted', 1,"
            " gen_random_uuid(), '{}', now(), gen_random_uuid())"
        )
    await committed(database, "noted")

    stretch = await database.follower.read(after_position=start, of=EventFilter(frozenset({"note"})))
    everything = await database.follower.read(after_position=start)

    assert texts(stretch) == ["noted"]
    assert isinstance(everything.events[0].event, MalformedEvent)


async def test_a_stretch_tells_how_long_its_gap_is_waited_for(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    clock = iter([1_000.0, 1_000.0, 1_007.5, 1_007.5, 1_007.5])
    follower = PostgresLogFollower(database.read, CODEC, lambda: next(clock))

    async def age() -> float | None:
        return (await follower.read(after_position=start)).gap_age_s

    async with session(emptied_database) as writer:
        await drawn(writer, "slow")
        assert await age() is None
        await committed(database, "behind")

        assert await age() == 0.0
        assert await age() == 7.5
        await writer.commit()

    assert await age() is None


async def test_the_end_is_told_when_nobody_under_way_can_still_come_before_it(
    emptied_database: str, database: PostgresDatabase, start: int
) -> None:
    has_looked = asyncio.Event()
    async with (
        PostgresDatabase(
            emptied_database, CODEC, RECORDER, observe_query=lambda *_: has_looked.set()
        ) as other,
        session(emptied_database) as slow,
        session(emptied_database) as later,
    ):
        await drawn(slow, "slow")
        await committed(database, "fast")
        end = asyncio.create_task(other.follower.end())
        await asyncio.wait_for(has_looked.wait(), 5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(end), 0.05)
        await drawn(later, "later")
        await slow.commit()

        told = await asyncio.wait_for(end, 5)
        await later.commit()

    assert told == start + 2
    assert await what_follows(database.follower, told) == (["later"], False)
