"""What every transaction does (`core.kernel.sole_transaction`, `core.eventlog.EventLog`)."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from builders.events import a_stream, notes
from postgres_writers import CODEC, RECORDER
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import BeginLog, EventReader, StreamId
from quayside.core.kernel import ConcurrencyConflictError, NestedTransactionError


class ChangedMindError(Exception):
    """Raised inside a transaction to leave it."""


async def length(events: EventReader, stream: StreamId) -> int:
    return len(await events.read_stream(stream))


async def test_nobody_else_sees_what_is_not_committed(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()

    async with begin() as tx:
        await tx.events.append(stream, notes("a"), 0)
        assert await length(events, stream) == 0

    assert await length(events, stream) == 1


async def test_a_transaction_reads_what_it_wrote(begin: BeginLog) -> None:
    stream = a_stream()

    async with begin() as tx:
        await tx.events.append(stream, notes("a"), 0)
        await tx.events.append(stream, notes("b"), 1)

        own = await tx.events.read_stream(stream)
        assert [recorded.version for recorded in own] == [1, 2]
        assert await tx.events.read_all(after_position=own[0].position) == own[1:]


async def test_a_transaction_reads_what_was_committed_before(begin: BeginLog) -> None:
    stream = a_stream()
    async with begin() as tx:
        await tx.events.append(stream, notes("a", "b"), 0)

    async with begin() as tx:
        await tx.events.append(stream, notes("c"), 2)

        assert [recorded.version for recorded in await tx.events.read_stream(stream)] == [1, 2, 3]


async def test_an_error_undoes_everything(begin: BeginLog, events: EventReader) -> None:
    one, other = a_stream(), a_stream()

    with pytest.raises(ChangedMindError):
        async with begin() as tx:
            await tx.events.append(one, notes("a"), 0)
            await tx.events.append(other, notes("b"), 0)
            raise ChangedMindError

    assert await length(events, one) == 0
    assert await length(events, other) == 0


async def test_a_cancelled_transaction_leaves_nothing(begin: BeginLog, events: EventReader) -> None:
    stream, written = a_stream(), asyncio.Event()

    async def write_and_wait() -> None:
        async with begin() as tx:
            await tx.events.append(stream, notes("a"), 0)
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_and_wait())
    await written.wait()
    task.cancel()
    await asyncio.wait([task])

    assert await length(events, stream) == 0


async def test_a_conflict_in_one_stream_undoes_the_other(begin: BeginLog, events: EventReader) -> None:
    fresh, taken = a_stream(), a_stream()
    async with begin() as tx:
        await tx.events.append(taken, notes("a"), 0)

    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            await tx.events.append(fresh, notes("b"), 0)
            await tx.events.append(taken, notes("c"), 0)

    assert await length(events, fresh) == 0
    assert await length(events, taken) == 1


async def test_a_conflict_that_was_dealt_with_does_not_spoil_the_rest(
    begin: BeginLog, events: EventReader
) -> None:
    stream = a_stream()
    async with begin() as tx:
        await tx.events.append(stream, notes("a"), 0)

    async with begin() as tx:
        with pytest.raises(ConcurrencyConflictError):
            await tx.events.append(stream, notes("b"), 0)
        await tx.events.append(stream, notes("b"), 1)

    assert await length(events, stream) == 2


async def test_a_transaction_inside_another_is_refused(begin: BeginLog, events: EventReader) -> None:
    stream = a_stream()

    async with begin() as tx:
        with pytest.raises(NestedTransactionError):
            async with begin():
                pytest.fail("it must not open")
        await tx.events.append(stream, notes("a"), 0)
    async with begin() as tx:
        await tx.events.append(stream, notes("b"), 1)

    assert await length(events, stream) == 2


async def test_of_two_open_at_once_on_one_stream_one_commits(begin: BeginLog, events: EventReader) -> None:
    contested, own = a_stream(), [a_stream(), a_stream()]
    both_open = asyncio.Barrier(2)

    async def write(mine: StreamId) -> None:
        async with begin() as tx:
            await tx.events.append(mine, notes("mine"), 0)
            await both_open.wait()
            await tx.events.append(contested, notes("ours"), 0)
            await asyncio.sleep(0.01)

    outcomes = await asyncio.gather(*(write(stream) for stream in own), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes].count(ConcurrencyConflictError) == 1
    assert outcomes.count(None) == 1
    winner = outcomes.index(None)
    assert await length(events, contested) == 1
    assert await length(events, own[winner]) == 1
    assert await length(events, own[1 - winner]) == 0


async def test_two_that_checked_one_version_do_not_both_change_it(
    begin: BeginLog, events: EventReader
) -> None:
    stream = a_stream()
    async with begin() as tx:
        await tx.events.append(stream, notes("a"), 0)

    async def check_then_write() -> None:
        async with begin() as tx:
            await tx.events.append(stream, (), 1)
            await asyncio.sleep(0.01)
            await tx.events.append(stream, notes("b"), 1)

    outcomes = await asyncio.gather(check_then_write(), check_then_write(), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert await length(events, stream) == 2


async def test_transactions_on_different_streams_do_not_wait_for_each_other(
    begin: BeginLog, events: EventReader
) -> None:
    one, other = a_stream(), a_stream()
    both_wrote = asyncio.Barrier(2)

    async def write(stream: StreamId) -> None:
        async with begin() as tx:
            await tx.events.append(stream, notes("a"), 0)
            await both_wrote.wait()

    await asyncio.wait_for(asyncio.gather(write(one), write(other)), 5)

    assert await length(events, one) == await length(events, other) == 1


async def test_what_is_committed_stays_so_whatever_becomes_of_who_is_told(storage_url: str | None) -> None:
    async def fail(_: Mapping[StreamId, int]) -> None:
        raise ChangedMindError

    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
    stream = a_stream()

    async with AsyncExitStack() as stack:
        store = (
            MemoryStore(RECORDER, appended=fail)
            if storage_url is None
            else await stack.enter_async_context(
                PostgresDatabase(storage_url, CODEC, RECORDER, appended=fail, min_connections=1)
            )
        )
        async with store.begin() as tx:
            await tx.events.append(stream, notes("a"), 0)

        assert await length(store.events, stream) == 1
    assert [type(error) for error in told] == [ChangedMindError]
