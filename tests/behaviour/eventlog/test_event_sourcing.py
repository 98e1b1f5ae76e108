"""Event-sourced aggregates: decided upon, appended, folded, and seen as they were."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from attrs import frozen

from builders import NOON
from builders.events import OpenRecorder
from builders.parcels import (
    PARCEL,
    Pack,
    Parcel,
    ParcelCommand,
    ParcelEvent,
    ParcelTooHeavyError,
    Seal,
    Start,
)
from quayside.adapters.memory import ManualClock, MemoryStore
from quayside.core.eventlog import (
    BeginLog,
    EventSourced,
    LogTransaction,
    MalformedEvent,
    MalformedEventError,
    NoSuchStateError,
    StreamId,
    UnknownEvent,
    UnknownEventError,
    Versioned,
)
from quayside.core.kernel import ConcurrencyConflictError

ID = uuid4()


@frozen
class Warehouse:
    """Parcels, where they are kept, and the time."""

    clock: ManualClock
    store: MemoryStore
    parcels: EventSourced[ParcelCommand, ParcelEvent, Parcel]

    async def execute(self, *commands: ParcelCommand) -> Versioned[Parcel]:
        """Has *commands* executed, a minute apart."""
        for command in commands:
            await self.parcels.execute(self.store.begin, ID, command)
            self.clock.advance(timedelta(minutes=1))
        return await self.parcels.load(self.store.events, ID)

    async def at_version(self, version: int) -> Versioned[Parcel]:
        return await self.parcels.state_at(self.store.events, ID, version=version)

    async def as_of(self, at: datetime) -> Versioned[Parcel]:
        return await self.parcels.state_at(self.store.events, ID, as_of=at)

    async def types(self) -> list[str]:
        stream = StreamId("parcel", ID)
        return [each.event.type_name() for each in await self.store.events.read_stream(stream)]


@pytest.fixture
def warehouse() -> Warehouse:
    """At noon, without a parcel."""
    clock = ManualClock(NOON)
    recorder = OpenRecorder(clock, uuid4)
    return Warehouse(clock, MemoryStore(recorder), EventSourced("parcel", PARCEL, recorder))


def raced(warehouse: Warehouse, times: int) -> BeginLog:
    """Opens transactions, while the first *times* of which somebody else packs something."""
    left = iter(range(times))

    @asynccontextmanager
    async def begin() -> AsyncIterator[LogTransaction]:
        async with warehouse.store.begin() as tx:
            yield tx
            if next(left, None) is not None:
                other = warehouse.execute(Pack("other", 1))
                await asyncio.create_task(other, context=Context())

    return begin


async def test_a_command_becomes_events_and_events_the_state(warehouse: Warehouse) -> None:
    done = await warehouse.execute(Start(1000), Pack("rose", 300))

    assert done == Versioned(Parcel(limit_g=1000, weight_g=300, skus=("rose",), is_open=True), 2)
    assert await warehouse.types() == ["ParcelStarted", "ItemPacked"]


async def test_what_the_rules_refuse_leaves_nothing(warehouse: Warehouse) -> None:
    await warehouse.execute(Start(1000))

    with pytest.raises(ParcelTooHeavyError):
        await warehouse.execute(Pack("anvil", 1001))

    assert await warehouse.types() == ["ParcelStarted"]


async def test_a_command_that_changes_nothing_appends_nothing(warehouse: Warehouse) -> None:
    sealed = await warehouse.execute(Start(1000), Seal())

    assert await warehouse.execute(Seal()) == sealed


async def test_an_aggregate_to_which_nothing_happened_is_in_its_initial_state(warehouse: Warehouse) -> None:
    assert await warehouse.parcels.load(warehouse.store.events, ID) == Versioned(Parcel(), 0)


async def test_decisions_in_one_transaction_build_on_each_other_and_commit_together(
    warehouse: Warehouse,
) -> None:
    with pytest.raises(ParcelTooHeavyError):
        async with warehouse.store.begin() as tx:
            await warehouse.parcels.decide(tx.events, ID, Start(1000))
            packed = await warehouse.parcels.decide(tx.events, ID, Pack("rose", 600))
            await warehouse.parcels.decide(tx.events, ID, Pack("rose", 600))

    assert packed.version == 2
    assert await warehouse.types() == []


async def test_who_loses_a_race_decides_anew_on_what_the_winner_led_to(warehouse: Warehouse) -> None:
    await warehouse.execute(Start(1000))

    done = await warehouse.parcels.execute(raced(warehouse, 4), ID, Pack("rose", 300))

    assert done.state.skus == (*["other"] * 4, "rose")
    assert done == await warehouse.parcels.load(warehouse.store.events, ID)


async def test_what_is_refused_after_a_lost_race_is_refused(warehouse: Warehouse) -> None:
    await warehouse.execute(Start(1000))

    with pytest.raises(ParcelTooHeavyError):
        await warehouse.parcels.execute(raced(warehouse, 1), ID, Pack("rose", 1000))


@pytest.mark.parametrize("attempts", [1, 3])
async def test_after_so_many_lost_races_the_caller_is_told(warehouse: Warehouse, attempts: int) -> None:
    await warehouse.execute(Start(1000))
    begin = raced(warehouse, attempts)

    with pytest.raises(ConcurrencyConflictError):
        await warehouse.parcels.execute(begin, ID, Pack("rose", 300), attempts=attempts)

    assert await warehouse.types() == ["ParcelStarted", *["ItemPacked"] * attempts]


async def test_every_earlier_version_can_be_seen(warehouse: Warehouse) -> None:
    commands = (Start(1000), Pack("rose", 300), Pack("vase", 500), Seal())
    states = [await warehouse.execute(command) for command in commands]

    assert [await warehouse.at_version(version) for version in (1, 2, 3, 4)] == states


@pytest.mark.parametrize("version", [-1, 0, 3])
async def test_a_version_that_it_never_had_is_told(warehouse: Warehouse, version: int) -> None:
    await warehouse.execute(Start(1000), Seal())

    with pytest.raises(NoSuchStateError) as refusal:
        await warehouse.at_version(version)

    assert refusal.value.details == {"stream": f"parcel/{ID}", "asked_for": str(version)}


@pytest.mark.parametrize(
    ("after", "version"),
    [
        (timedelta(0), 1),
        (timedelta(seconds=59), 1),
        (timedelta(minutes=1), 2),
        (timedelta(minutes=2), 3),
        (timedelta(days=1), 3),
    ],
)
async def test_its_state_at_any_time_can_be_seen(
    warehouse: Warehouse, after: timedelta, version: int
) -> None:
    await warehouse.execute(Start(1000), Pack("rose", 300), Seal())

    assert await warehouse.as_of(NOON + after) == await warehouse.at_version(version)


async def test_before_its_first_event_there_was_none(warehouse: Warehouse) -> None:
    await warehouse.execute(Start(1000))

    with pytest.raises(NoSuchStateError):
        await warehouse.as_of(NOON - timedelta(microseconds=1))


async def test_an_event_happened_no_later_than_those_after_it_whatever_its_clock_said(
    warehouse: Warehouse,
) -> None:
    warehouse.clock.advance(timedelta(hours=1))
    await warehouse.execute(Start(1000))
    warehouse.clock.advance(timedelta(hours=-1))
    await warehouse.execute(Pack("rose", 300))

    assert (await warehouse.as_of(NOON + timedelta(minutes=5))).version == 2


@pytest.mark.parametrize(
    ("stands_in", "error"), [(UnknownEvent, UnknownEventError), (MalformedEvent, MalformedEventError)]
)
async def test_what_nobody_understands_is_not_folded(
    warehouse: Warehouse, stands_in: type[UnknownEvent], error: type[Exception]
) -> None:
    await warehouse.execute(Start(1000))
    async with warehouse.store.begin() as tx:
        stored = warehouse.parcels.recorder([stands_in("ParcelGiftWrapped", 1, "{}")])
        await tx.events.append(StreamId("parcel", ID), stored, 1)

    with pytest.raises(error, match="ParcelGiftWrapped"):
        await warehouse.execute(Seal())

    assert (await warehouse.at_version(1)).state.is_open
