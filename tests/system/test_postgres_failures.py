"""What becomes of reads and transactions when the database, or the way to it, fails."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import suppress
from contextvars import Context
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import uuid4

import psycopg
import pytest

from builders.events import a_stream, notes
from postgres_writers import CODEC, RECORDER
from quayside.adapters.postgres import (
    CommitOutcomeUnknownError,
    DatabaseConnectionError,
    DatabaseError,
    PostgresDatabase,
)
from quayside.core.eventlog import StreamId
from quayside.core.resilience import Claim, KeyTerms
from system.cuttable_link import CuttableLink


@pytest.fixture
async def database(link: CuttableLink) -> AsyncIterator[PostgresDatabase]:
    async with PostgresDatabase(link.conninfo, CODEC, RECORDER, wait_timeout_s=1) as database:
        yield database


@pytest.fixture
async def hasty_database(migrated_database: str) -> AsyncIterator[PostgresDatabase]:
    """Gives up statements and idle transactions before a busy machine may have come to them."""
    async with PostgresDatabase(
        migrated_database, CODEC, RECORDER, statement_timeout_s=0.3, idle_timeout_s=0.3
    ) as database:
        yield database


async def stored(conninfo: str, stream: StreamId) -> int:
    """How many events *stream* has, asked past the link."""
    async with PostgresDatabase(conninfo, CODEC, RECORDER) as database:
        return len(await database.events.read_stream(stream))


async def test_after_a_restart_of_the_server_the_next_call_succeeds(
    link: CuttableLink, database: PostgresDatabase
) -> None:
    stream = a_stream()
    await asyncio.gather(*(database.events.read_stream(stream) for _ in range(20)))

    link.cut()
    await asyncio.sleep(0.05)  # the end of a connection has to arrive
    link.mend()

    assert list(await database.events.read_stream(stream)) == []
    async with database.begin() as tx:
        await tx.events.append(stream, notes("a"), 0)


async def test_while_the_server_is_away_calls_fail_in_time_and_then_succeed_again(
    link: CuttableLink, database: PostgresDatabase
) -> None:
    stream = a_stream()
    await database.events.read_stream(stream)

    link.cut()
    for _ in range(3):
        started = monotonic()
        with pytest.raises(DatabaseConnectionError):
            await database.events.read_stream(stream)
        assert monotonic() - started < 4
    link.mend()

    assert list(await database.events.read_stream(stream)) == []


async def test_it_opens_while_the_server_is_away(link: CuttableLink) -> None:
    link.cut()

    async with PostgresDatabase(link.conninfo, CODEC, RECORDER, wait_timeout_s=0.6) as database:
        with pytest.raises(DatabaseConnectionError):
            await database.events.read_all()
        link.mend()

        await database.events.read_all(limit=1)


async def test_a_connection_lost_inside_a_transaction_leaves_nothing(
    migrated_database: str, link: CuttableLink, database: PostgresDatabase
) -> None:
    stream = a_stream()

    with pytest.raises(DatabaseConnectionError):
        async with database.begin() as tx:
            await tx.events.append(stream, notes("a"), 0)
            link.cut()
            await tx.events.append(stream, notes("b"), 1)

    assert await stored(migrated_database, stream) == 0


async def test_a_lost_connection_is_not_taken_for_a_commit(
    migrated_database: str, link: CuttableLink, database: PostgresDatabase
) -> None:
    stream = a_stream()

    with pytest.raises(DatabaseConnectionError):
        async with database.begin() as tx:
            await tx.events.append(stream, notes("a"), 0)
            link.cut()
            with pytest.raises(DatabaseConnectionError):
                await tx.events.append(stream, notes("b"), 1)

    assert await stored(migrated_database, stream) == 0


async def test_a_failed_statement_is_not_taken_for_a_commit(
    migrated_database: str, database: PostgresDatabase
) -> None:
    stream = a_stream()

    with pytest.raises(DatabaseError):
        async with database.begin() as tx:
            await tx.events.append(stream, notes("a"), 0)
            with pytest.raises(DatabaseError):
                await tx.events.append(stream, notes("not for jsonb: \0"), 1)

    assert await stored(migrated_database, stream) == 0


async def test_a_commit_whose_answer_was_lost_is_told_apart_when_it_happened(
    migrated_database: str, link: CuttableLink, database: PostgresDatabase
) -> None:
    stream = a_stream()
    link.cut_after(b"COMMIT")

    with pytest.raises(CommitOutcomeUnknownError):
        async with database.begin() as tx:
            await tx.events.append(stream, notes("a"), 0)

    assert await stored(migrated_database, stream) == 1


async def test_a_commit_whose_answer_was_lost_is_told_apart_when_it_did_not_happen(
    migrated_database: str, link: CuttableLink, database: PostgresDatabase
) -> None:
    stream = a_stream()
    link.cut_before(b"COMMIT")

    with pytest.raises(CommitOutcomeUnknownError):
        async with database.begin() as tx:
            await tx.events.append(stream, notes("a"), 0)

    assert await stored(migrated_database, stream) == 0


async def test_an_append_alone_whose_answer_was_lost_is_told_apart_when_it_happened(
    migrated_database: str, link: CuttableLink, database: PostgresDatabase
) -> None:
    stream, envelopes = a_stream(), notes("a")
    link.cut_after(b"INSERT INTO streams")

    with pytest.raises(CommitOutcomeUnknownError):
        await database.events.append(stream, envelopes, 0)

    assert await stored(migrated_database, stream) == 1
    async with PostgresDatabase(migrated_database, CODEC, RECORDER) as past_the_link:
        assert await past_the_link.events.append(stream, envelopes, 0) == 1
    assert await stored(migrated_database, stream) == 1


async def test_an_append_alone_whose_answer_was_lost_is_told_apart_when_it_did_not_happen(
    migrated_database: str, link: CuttableLink, database: PostgresDatabase
) -> None:
    stream = a_stream()
    link.cut_before(b"INSERT INTO streams")

    with pytest.raises(CommitOutcomeUnknownError):
        await database.events.append(stream, notes("a"), 0)

    assert await stored(migrated_database, stream) == 0


async def test_an_append_alone_that_the_server_gave_up_has_not_happened(
    migrated_database: str, hasty_database: PostgresDatabase
) -> None:
    stream = a_stream()

    async with PostgresDatabase(migrated_database, CODEC, RECORDER) as other, other.begin() as tx:
        await tx.events.append(stream, notes("a"), 0)
        # In a task of its own, which has no transaction open.
        waiting = asyncio.create_task(
            hasty_database.events.append(stream, notes("b"), None), context=Context()
        )
        with pytest.raises(DatabaseConnectionError):
            await waiting

    assert await stored(migrated_database, stream) == 1


async def test_a_statement_that_takes_too_long_is_given_up(hasty_database: PostgresDatabase) -> None:
    async with hasty_database.read() as connection:
        with pytest.raises(DatabaseConnectionError):
            await connection.execute("SELECT pg_sleep(5)")

        await connection.execute("SELECT 1")


async def test_a_transaction_that_lies_idle_is_ended_by_the_server(
    migrated_database: str, hasty_database: PostgresDatabase
) -> None:
    stream = a_stream()

    with pytest.raises(DatabaseConnectionError):
        async with hasty_database.begin() as tx:
            await tx.events.append(stream, notes("a"), 0)
            await asyncio.sleep(0.5)
            await tx.events.append(stream, notes("b"), 1)

    assert await stored(migrated_database, stream) == 0
    assert list(await hasty_database.events.read_stream(stream)) == []


async def test_a_transaction_that_the_server_ended_is_known_not_to_have_committed(
    migrated_database: str, hasty_database: PostgresDatabase
) -> None:
    stream = a_stream()

    with pytest.raises(DatabaseConnectionError):
        async with hasty_database.begin() as tx:
            await tx.events.append(stream, notes("a"), 0)
            await asyncio.sleep(0.5)

    assert await stored(migrated_database, stream) == 0


async def test_whoever_waits_too_long_for_a_connection_is_told_so(migrated_database: str) -> None:
    async with PostgresDatabase(
        migrated_database, CODEC, RECORDER, min_connections=1, max_connections=1, wait_timeout_s=0.6
    ) as database:
        async with database.read():
            with pytest.raises(DatabaseConnectionError):
                await database.events.read_all()

        await database.events.read_all(limit=1)


async def test_a_cancelled_call_gives_its_connection_back(migrated_database: str) -> None:
    async with (
        PostgresDatabase(
            migrated_database, CODEC, RECORDER, min_connections=1, max_connections=1
        ) as database,
        asyncio.timeout(5),
    ):
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), database.read() as connection:
                    await connection.execute("SELECT pg_sleep(5)")

        await database.events.read_all(limit=1)


async def test_who_is_cancelled_while_it_gives_a_connection_back_gives_it_back_all_the_same(
    migrated_database: str,
) -> None:
    async with PostgresDatabase(
        migrated_database, CODEC, RECORDER, min_connections=1, max_connections=1
    ) as database:

        async def ask() -> None:
            async with database.read():
                pass

        async def ask_and_be_cancelled() -> None:
            async with database.read():
                others.append(asyncio.create_task(ask()))
                await asyncio.sleep(
                    0
                )  # now that one stands in line, and the pool has to wait for it for a moment
                this = asyncio.current_task()
                assert this is not None
                this.cancel()

        others: list[asyncio.Task[None]] = []
        await ask()
        with suppress(asyncio.CancelledError):
            await asyncio.create_task(ask_and_be_cancelled())

        await asyncio.wait_for(others[0], 4)
        await asyncio.wait_for(ask(), 4)


async def test_two_transactions_that_wait_for_each_other_do_not_wait_for_ever(migrated_database: str) -> None:
    one, other = a_stream(), a_stream()
    both_wrote = asyncio.Barrier(2)

    async def write(patient: PostgresDatabase, first: StreamId, second: StreamId) -> None:
        async with patient.begin() as tx:
            await tx.events.append(first, notes("a"), None)
            await both_wrote.wait()
            await tx.events.append(second, notes("b"), None)

    async with PostgresDatabase(migrated_database, CODEC, RECORDER) as patient:
        outcomes = await asyncio.gather(
            write(patient, one, other), write(patient, other, one), return_exceptions=True
        )

    assert [type(outcome) for outcome in outcomes].count(DatabaseConnectionError) == 1
    assert outcomes.count(None) == 1


async def test_a_refused_statement_names_its_kind_and_nothing_of_its_values(
    database: PostgresDatabase,
) -> None:
    async with database.read() as connection:
        with pytest.raises(DatabaseError) as refusal:
            await connection.execute(
                "INSERT INTO streams VALUES ('secret', '00000000-0000-0000-0000-000000000000', 0)"
            )

    assert refusal.value.details == {"sqlstate": "23514", "constraint": "streams_version_check"}
    assert "secret" not in str(refusal.value)
    assert isinstance(refusal.value.__cause__, psycopg.errors.CheckViolation)


def test_a_connection_string_that_is_none_is_not_repeated() -> None:
    password = uuid4().hex

    with pytest.raises(DatabaseError) as refusal:
        PostgresDatabase(f"postgresql//quayside:{password}@db", CODEC, RECORDER)

    assert password not in "".join(traceback.format_exception(refusal.value))


async def test_whatever_the_server_prefers_transactions_are_read_committed_and_times_utc(
    migrated_database: str,
) -> None:
    other_ways = psycopg.conninfo.make_conninfo(
        migrated_database, options="-c default_transaction_isolation=serializable -c timezone=Asia/Tokyo"
    )

    async with PostgresDatabase(other_ways, CODEC, RECORDER) as database, database.read() as connection:
        isolation = await (await connection.execute("SHOW transaction_isolation")).fetchone()
        now = await (await connection.execute("SELECT now()")).fetchone()

    assert isolation == {"transaction_isolation": "read committed"}
    assert now is not None
    assert now["now"].utcoffset() == UTC.utcoffset(None)


@pytest.mark.parametrize("end", ["keep", "free", "leave"])
@pytest.mark.parametrize("lost", ["claim", "end"])
async def test_whoever_asks_again_need_not_wait_because_an_answer_about_his_key_was_lost(
    link: CuttableLink, database: PostgresDatabase, lost: str, end: str
) -> None:
    terms = KeyTerms(lease=timedelta(seconds=40), life=timedelta(hours=24))
    keys = database.idempotency_keys(lambda: datetime.now(UTC), terms)
    key, asked = uuid4().bytes * 2, uuid4().bytes * 2

    if lost == "claim":
        link.cut_after(b"idempotency_key", mends=True)
    claim = await keys.claim(key, asked, uuid4())
    assert isinstance(claim, Claim)
    if lost == "end":
        link.cut_after(b"idempotency_key", mends=True)
    await (keys.keep(claim, b"answer") if end == "keep" else getattr(keys, end)(claim))

    again = await keys.claim(key, asked, uuid4())
    if end == "keep":
        assert again == b"answer"
    else:
        assert isinstance(again, Claim)
        assert (again.operation_id == claim.operation_id) == (end == "leave")
