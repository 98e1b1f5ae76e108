"""What every keeper of open sagas does (`core.fulfilment.OpenSagas`, `OpenSagaQueries`), and what is made of events."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from builders import NOON
from builders.sagas import TRIP, FlightRequested, FlightReturnRequested, HotelRequested
from builders.transactions import GivenUpError
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import (
    Event,
    EventEnvelope,
    EventId,
    Generation,
    ProjectionNotBuiltError,
    RecordedEvent,
    StreamId,
)
from quayside.core.fulfilment import (
    OPEN_SAGAS,
    OpenSaga,
    OpenSagaProjection,
    OpenSagaQueries,
    Phase,
    SagaCancelled,
    SagaCompleted,
    SagaGivenUp,
    SagaNeedsAttention,
    SagaStarted,
    StepPutOff,
    StepResumed,
    StepSucceeded,
)

Storage = MemoryStore | PostgresDatabase

DEADLINE = NOON + TRIP.deadline


@pytest.fixture
def sagas(storage: Storage) -> OpenSagaQueries:
    """There are none."""
    return storage.open_sagas


@pytest.fixture
async def live(storage: Storage) -> Generation:
    """A generation that is read."""
    generation = await storage.generations.build(OPEN_SAGAS, 1)
    lease = await storage.subscriptions.acquire(generation.subscription, "a worker", 60)
    assert lease is not None
    assert await storage.generations.go_live(generation, lease)
    return generation


def a_saga(**changes: Any) -> OpenSaga:
    saga = OpenSaga(
        category="trip",
        id=uuid4(),
        phase=Phase.FORWARD,
        started_at=NOON,
        deadline=DEADLINE,
        since=NOON,
        step="flight",
    )
    return evolve(saga, **changes)


async def stored(storage: Storage, generation: Generation, *sagas: OpenSaga) -> None:
    async with storage.begin() as tx:
        await tx.open_sagas.store(generation.number, {(saga.category, saga.id): saga for saga in sagas})


async def happened(
    storage: Storage, generation: Generation, saga_id: UUID, *events: Event, after_s: float = 0
) -> None:
    at = NOON + timedelta(seconds=after_s)
    recorded = [
        RecordedEvent(1, StreamId("trip", saga_id), 1, EventEnvelope(EventId(uuid4()), event, at, uuid4()))
        for event in events
    ]
    async with storage.begin() as tx:
        await OpenSagaProjection([TRIP]).project(tx, generation.number, recorded)


async def test_a_saga_is_found_as_it_was_stored_and_gone_once_it_has_ended(
    storage: Storage, sagas: OpenSagaQueries, live: Generation
) -> None:
    whole = a_saga(attempts=2, due_at=NOON, attention="odd", step="hotel")
    bare = a_saga(phase=Phase.BACKWARD, deadline=None, step=None, since=NOON + timedelta(seconds=1))
    await stored(storage, live, whole, bare)
    assert [*await sagas.list()] == [whole, bare]

    changed = evolve(whole, attention=None, due_at=None, attempts=0, phase=Phase.BACKWARD)
    async with storage.begin() as tx:
        kept = {("trip", whole.id): changed, ("trip", bare.id): None, ("trip", uuid4()): None}
        await tx.open_sagas.store(live.number, kept)
        assert [*await tx.open_sagas.load(live.number, [*kept, ("other", whole.id)])] == [changed]
    assert [*await sagas.list()] == [changed]


async def test_those_that_are_due_come_by_when_they_were(
    storage: Storage, sagas: OpenSagaQueries, live: Generation
) -> None:
    later, sooner = a_saga(due_at=NOON + timedelta(seconds=2)), a_saga(due_at=NOON + timedelta(seconds=1))
    await stored(storage, live, later, sooner, a_saga(), a_saga(due_at=NOON + timedelta(hours=1)))

    at = NOON + timedelta(seconds=2)
    assert [*await sagas.due(at, 10)] == [sooner, later]
    assert [*await sagas.due(at, 1)] == [sooner]
    assert [*await sagas.due(NOON, 10)] == []


async def test_those_that_need_a_person_are_listed_alone_and_all_are_counted_by_step(
    storage: Storage, sagas: OpenSagaQueries, live: Generation
) -> None:
    odd = a_saga(attention="odd", since=NOON + timedelta(seconds=1))
    await stored(storage, live, odd, a_saga(), a_saga(step="hotel", phase=Phase.BACKWARD))

    assert [*await sagas.list(needs_attention=True)] == [odd]
    assert len(await sagas.list(needs_attention=False, limit=1)) == 1
    found = [(it.phase, it.step, it.count, it.attention, it.since) for it in await sagas.backlog()]
    assert found == [(Phase.BACKWARD, "hotel", 1, 0, NOON), (Phase.FORWARD, "flight", 2, 1, NOON)]


async def test_nothing_is_read_of_what_is_not_built_or_was_rolled_back(
    storage: Storage, sagas: OpenSagaQueries
) -> None:
    for reading in (sagas.list(), sagas.due(NOON, 1), sagas.backlog()):
        with pytest.raises(ProjectionNotBuiltError):
            await reading

    generation = await storage.generations.build(OPEN_SAGAS, 1)
    with pytest.raises(GivenUpError):
        async with storage.begin() as tx:
            saga = a_saga()
            await tx.open_sagas.store(generation.number, {("trip", saga.id): saga})
            raise GivenUpError
    async with storage.begin() as tx:
        assert await tx.open_sagas.forget(generation.number) == 0


async def test_a_generation_is_forgotten_without_the_others(
    storage: Storage, sagas: OpenSagaQueries, live: Generation
) -> None:
    other = await storage.generations.build(OPEN_SAGAS, 2)
    await stored(storage, live, a_saga())
    await stored(storage, other, a_saga(), a_saga())

    async with storage.begin() as tx:
        assert await tx.open_sagas.forget(other.number) == 2
        assert await tx.open_sagas.forget(other.number) == 0
    assert len(await sagas.list()) == 1


async def test_a_saga_is_due_at_the_end_of_its_step_or_when_it_is_tried_again(
    storage: Storage, sagas: OpenSagaQueries, live: Generation
) -> None:
    async def due() -> list[tuple[str | None, float]]:
        found = await sagas.due(NOON + timedelta(days=1), 10)
        return [(it.step, (it.due_at - NOON).total_seconds()) for it in found if it.due_at]

    trip, again = uuid4(), NOON + timedelta(seconds=3)
    await happened(storage, live, trip, SagaStarted(DEADLINE), FlightRequested())
    assert await due() == [("flight", 30)]

    await happened(storage, live, trip, StepPutOff("flight", 1, again, outcome_unknown=True, cause=None))
    assert await due() == [("flight", 3)]

    await happened(storage, live, trip, StepResumed("flight"), after_s=3)
    assert await due() == [("flight", 30)]

    await happened(storage, live, trip, StepSucceeded("flight"), HotelRequested(), after_s=40)
    assert await due() == [("hotel", 50)]  # the deadline comes first

    await happened(storage, live, trip, SagaNeedsAttention("hotel", "odd"), after_s=41)
    assert await due() == [("hotel", 50)]
    assert [saga.attention for saga in await sagas.list()] == ["odd"]


async def test_a_saga_is_open_until_its_end_and_again_if_it_is_taken_back(
    storage: Storage, sagas: OpenSagaQueries, live: Generation
) -> None:
    trip = uuid4()
    await happened(storage, live, trip, SagaStarted(DEADLINE), FlightRequested())
    await happened(storage, live, trip, StepSucceeded("flight"), SagaCompleted())
    assert [*await sagas.list()] == []

    await happened(storage, live, trip, SagaGivenUp(None), FlightReturnRequested(), after_s=9)
    [saga] = await sagas.list()
    assert (saga.phase, saga.step, saga.due_at) == (Phase.BACKWARD, "flight", None)

    await happened(storage, live, trip, SagaCancelled(None))
    assert [*await sagas.list()] == []
