"""What every store shows of the log as it lies there (`StoredLog`), and what is found in it (`VerifyLog`)."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import psycopg
import pytest
from attrs import define

from builders.events import Noted, a_stream, notes
from postgres_writers import CODEC, RECORDER
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import BeginLog, StoredEvent, StoredLog, StreamId, VerifyLog

ONE, OTHER = a_stream(stream_id=UUID(int=1)), a_stream(stream_id=UUID(int=2))


@pytest.fixture
def log(storage: MemoryStore | PostgresDatabase) -> StoredLog:
    """Nothing was appended yet."""
    return storage.stored_log


async def appended(begin: BeginLog, stream: StreamId, *texts: str) -> None:
    async with begin() as tx:
        await tx.events.append(stream, notes(*texts), None)


@define(eq=False)
class BusyLog:
    """Somebody appends before each of the first reads."""

    _begin: BeginLog
    _log: StoredLog
    _reads: int = 0

    async def events_after(self, last: StoredEvent | None, limit: int) -> Sequence[StoredEvent]:
        self._reads += 1
        if self._reads < 9:
            await appended(self._begin, ONE, "more")
            await appended(self._begin, a_stream(), "new")
        return await self._log.events_after(last, limit)

    async def streams_after(self, last: StreamId | None, limit: int) -> Sequence[tuple[StreamId, bool]]:
        return await self._log.streams_after(last, limit)


async def test_events_come_stream_by_stream_and_each_once(begin: BeginLog, log: StoredLog) -> None:
    await appended(begin, ONE, "a", "b")
    await appended(begin, OTHER, "c")
    await appended(begin, ONE, "d")

    [first, second] = await log.events_after(None, 2)
    [third, fourth] = await log.events_after(second, 5)

    found = [first, second, third, fourth]
    assert [each.event for each in found] == [Noted(text) for text in "abdc"]
    assert [each.version for each in found] == [1, 2, 3, 1]
    assert [each.stream_version for each in found] == [3, 3, 3, 1]
    assert {(each.type_name, each.schema_version) for each in found} == {("Noted", 1)}
    assert await log.events_after(fourth, 5) == []


async def test_streams_come_each_once(begin: BeginLog, log: StoredLog) -> None:
    await appended(begin, ONE, "a")
    await appended(begin, OTHER, "b")

    assert await log.streams_after(None, 1) == [(ONE, True)]
    assert await log.streams_after(ONE, 5) == [(OTHER, True)]


@pytest.mark.parametrize("batch", [1, 2, 500])
async def test_a_log_that_is_whole_has_no_flaw(begin: BeginLog, log: StoredLog, batch: int) -> None:
    for text in "abc":
        await appended(begin, ONE, text, text)
        await appended(begin, OTHER, text)
    passed: list[int] = []

    report = await VerifyLog(log, batch)(passed.append)

    assert (report.events, report.streams, report.flaws, report.flaw_count) == (9, 2, [], 0)
    assert sum(passed) == 9


async def test_what_is_appended_meanwhile_is_no_flaw(begin: BeginLog, log: StoredLog) -> None:
    await appended(begin, ONE, "a", "b")

    report = await VerifyLog(BusyLog(begin, log), 2)()

    assert report.flaws == []


async def test_an_empty_log_is_whole(log: StoredLog) -> None:
    report = await VerifyLog(log)()

    assert (report.events, report.flaw_count) == (0, 0)


@pytest.fixture
async def database(emptied_database: str) -> AsyncIterator[PostgresDatabase]:
    """Two streams of three events, known to the release that looks at them."""
    async with PostgresDatabase(emptied_database, CODEC, RECORDER, min_connections=1) as database:
        for stream in (ONE, OTHER):
            await appended(database.begin, stream, "a", "b", "c")
        yield database


@pytest.mark.parametrize(
    ("harm", "flaws"),
    [
        ("DELETE FROM events WHERE version = 2", ["version 3 follows on version 1"] * 2),
        (
            "DELETE FROM events WHERE version = 3",
            ["the stream is said to have version 3, and ends with 2"] * 2,
        ),
        ("DELETE FROM events WHERE version = 1", ["version 2 follows on version 0"] * 2),
        ("DELETE FROM streams", ["the stream has no version"] * 2),
        ("DELETE FROM events", ["the stream has a version, and no event"] * 2),
        (
            "UPDATE streams SET version = 2",
            ["the stream is said to have version 2, and ends with 3"] * 2,
        ),
        ("UPDATE events SET data = '{}' WHERE version = 1", ["it is no valid Noted in schema version 1"] * 2),
    ],
)
async def test_what_is_wrong_with_a_log_is_found(
    database: PostgresDatabase, emptied_database: str, harm: str, flaws: list[str]
) -> None:
    with psycopg.connect(emptied_database, autocommit=True) as connection:
        connection.execute(harm.encode())

    report = await VerifyLog(database.stored_log, 2)()

    assert [flaw.what for flaw in report.flaws] == flaws
    assert [flaw.stream for flaw in report.flaws] == [ONE, OTHER]
    assert report.flaw_count == 2


async def test_events_of_a_stream_whose_positions_do_not_grow_are_found(
    database: PostgresDatabase, emptied_database: str
) -> None:
    with psycopg.connect(emptied_database, autocommit=True) as connection:
        connection.execute("UPDATE events SET version = version + 10 WHERE stream_id = %s", (ONE.id,))
        connection.execute("UPDATE events SET version = 14 - version WHERE stream_id = %s", (ONE.id,))

    report = await VerifyLog(database.stored_log)()

    assert len([flaw for flaw in report.flaws if "its position is not after" in flaw.what]) == 2


async def test_an_event_that_nobody_knows_is_told_and_no_flaw(
    database: PostgresDatabase, emptied_database: str
) -> None:
    with psycopg.connect(emptied_database, autocommit=True) as connection:
        connection.execute("UPDATE events SET type = 'Sung', schema_version = 7 WHERE version = 1")

    report = await VerifyLog(database.stored_log)()

    assert report.unknown == {("Sung", 7): 2}
    assert report.flaws == []


async def test_of_many_flaws_the_first_thousand_are_told(
    database: PostgresDatabase, emptied_database: str
) -> None:
    with psycopg.connect(emptied_database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO streams SELECT 'ghost', gen_random_uuid(), 1 FROM generate_series(1, 1001)"
        )

    report = await VerifyLog(database.stored_log)()

    assert (len(report.flaws), report.flaw_count) == (1_000, 1_001)
