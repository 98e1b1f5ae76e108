"""What every log does outside of transactions, where each append is one of its own (`core.eventlog.EventLog`)."""

import asyncio

import pytest

from builders.events import Noted, a_stream, notes
from contract.conftest import Storage
from quayside.core.kernel import ConcurrencyConflictError, NestedTransactionError


async def test_an_append_alone_is_everybodys_at_once(storage: Storage) -> None:
    stream = a_stream()

    assert await storage.events.append(stream, notes("a", "b"), 0) == 2
    assert await storage.events.append(stream, notes("c"), 2) == 3

    assert list(await storage.events.read_events(stream)) == [Noted("a"), Noted("b"), Noted("c")]
    async with storage.begin() as tx:
        assert await tx.events.append(stream, notes("d"), 3) == 4


async def test_a_stale_append_alone_is_refused(storage: Storage) -> None:
    stream = a_stream()
    await storage.events.append(stream, notes("a"), 0)

    with pytest.raises(ConcurrencyConflictError) as refusal:
        await storage.events.append(stream, notes("late"), 0)
    with pytest.raises(ConcurrencyConflictError):
        await storage.events.append(stream, (), 0)

    assert (refusal.value.expected, refusal.value.actual) == (0, 1)
    assert list(await storage.events.read_events(stream)) == [Noted("a")]


async def test_the_same_append_alone_again_is_the_success_it_was(storage: Storage) -> None:
    stream, first = a_stream(), notes("a", "b")
    await storage.events.append(stream, first, 0)
    await storage.events.append(stream, notes("c"), 2)

    assert await storage.events.append(stream, first, 0) == 2

    assert len(await storage.events.read_events(stream)) == 3


async def test_of_appends_alone_that_race_one_wins(storage: Storage) -> None:
    stream = a_stream()

    outcomes = await asyncio.gather(
        *(storage.events.append(stream, notes(str(nth)), 0) for nth in range(8)), return_exceptions=True
    )

    assert outcomes.count(1) == 1
    assert sum(isinstance(outcome, ConcurrencyConflictError) for outcome in outcomes) == 7
    assert len(await storage.events.read_events(stream)) == 1


async def test_an_append_alone_is_refused_where_it_would_not_roll_back_with_the_rest(
    storage: Storage,
) -> None:
    stream = a_stream()

    async with storage.begin():
        with pytest.raises(NestedTransactionError):
            await storage.events.append(stream, notes("a"), 0)

    assert list(await storage.events.read_events(stream)) == []
    assert await storage.events.append(stream, notes("a"), 0) == 1
