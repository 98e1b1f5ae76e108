"""What every keeper of generations does (`GenerationRegister`)."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress

import pytest
from attrs import evolve

from builders.events import a_stream
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import (
    DeferredEvent,
    DeliveryTransaction,
    Generation,
    GenerationRegister,
    Lease,
    LeaseLostError,
    ProjectionNotBuiltError,
    SubscriptionRegister,
)

Storage = MemoryStore | PostgresDatabase
Begin = Callable[[], AbstractAsyncContextManager[DeliveryTransaction]]


@pytest.fixture
def generations(storage: Storage) -> GenerationRegister:
    """There are none."""
    return storage.generations


@pytest.fixture
def register(storage: Storage) -> SubscriptionRegister:
    return storage.subscriptions


@pytest.fixture
def begin(storage: Storage) -> Begin:
    return storage.begin


async def filled_to(
    position: int, generation: Generation, register: SubscriptionRegister, begin: Begin
) -> Lease:
    lease = await register.acquire(generation.subscription, "a worker", 60)
    assert lease is not None
    async with begin() as tx:
        await tx.checkpoints.move(lease, position)
    return evolve(lease, position=position)


async def a_live_one(
    position: int, generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> Generation:
    generation = await generations.build("views", 1)
    assert await generations.go_live(generation, await filled_to(position, generation, register, begin))
    return generation


async def statuses(generations: GenerationRegister) -> list[tuple[int, str]]:
    return [(each.version, each.status.value) for each in await generations.of("views")]


async def test_of_many_that_ask_at_once_for_a_generation_all_get_the_same(
    generations: GenerationRegister,
) -> None:
    built = await asyncio.gather(*(generations.build("views", 1) for _ in range(8)))

    assert len({generation.number for generation in built}) == 1
    assert await generations.of("views") == built[:1]


async def test_each_projection_has_generations_of_its_own(generations: GenerationRegister) -> None:
    views, sums = await generations.build("views", 1), await generations.build("sums", 1)

    assert views.number != sums.number
    assert await generations.of("sums") == [sums]
    assert await generations.of() == sorted((views, sums), key=lambda each: each.number)


async def test_what_another_version_builds_is_retired(
    generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> None:
    lease = await filled_to(3, await generations.build("views", 1), register, begin)

    await generations.build("views", 2)

    assert await statuses(generations) == [(1, "retired"), (2, "building")]
    with pytest.raises(LeaseLostError):
        async with begin() as tx:
            await tx.checkpoints.move(lease, 4)


async def test_nothing_is_read_before_it_is_built(
    generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> None:
    generation = await generations.build("views", 1)
    with pytest.raises(ProjectionNotBuiltError):
        await generations.reached("views")

    assert await generations.go_live(generation, await filled_to(7, generation, register, begin))

    assert await generations.reached("views") == 7


async def test_the_next_generation_takes_the_place_of_the_one_before(
    generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> None:
    former = await a_live_one(7, generations, register, begin)
    latter = await generations.build("views", 1)
    assert await generations.reached("views") == 7

    assert await generations.go_live(latter, await filled_to(8, latter, register, begin))

    assert await generations.reached("views") == 8
    assert await statuses(generations) == [(1, "retired"), (1, "live")]
    assert [state.name for state in await register.states()] == [latter.subscription]
    await generations.remove(former)
    assert await statuses(generations) == [(1, "live")]


async def test_readers_never_miss_what_they_have_seen(
    generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> None:
    await a_live_one(7, generations, register, begin)
    latter = await generations.build("views", 2)

    assert not await generations.go_live(latter, await filled_to(6, latter, register, begin))

    assert await statuses(generations) == [(1, "live"), (2, "building")]


async def test_what_comes_in_while_generations_are_swapped_is_not_missed_either(
    generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> None:
    former = await generations.build("views", 1)
    lease = await filled_to(7, former, register, begin)
    assert await generations.go_live(former, lease)
    latter = await generations.build("views", 2)
    latters_lease = await filled_to(7, latter, register, begin)

    has_moved = False
    with suppress(LeaseLostError):
        async with begin() as tx:
            await tx.checkpoints.move(lease, 8)
            swap = asyncio.create_task(generations.go_live(latter, latters_lease))
            await asyncio.wait([swap], timeout=0.2)
        has_moved = True

    assert await swap is not has_moved


async def test_what_lacks_an_event_is_not_read(
    generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> None:
    generation = await generations.build("views", 1)
    lease = await filled_to(7, generation, register, begin)
    deferred = DeferredEvent(subscription=generation.subscription, position=3, stream=a_stream())
    async with begin() as tx:
        await tx.checkpoints.defer([deferred])

    assert not await generations.go_live(generation, lease)

    async with begin() as tx:
        await tx.checkpoints.settle(deferred)
    assert await generations.go_live(generation, lease)


async def test_only_who_has_the_lease_swaps(
    generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> None:
    generation = await generations.build("views", 1)
    lease = await filled_to(7, generation, register, begin)
    await register.reset(generation.subscription, 0)

    with pytest.raises(LeaseLostError):
        await generations.go_live(generation, lease)

    assert await statuses(generations) == [(1, "building")]


async def test_what_is_not_where_its_builder_believes_is_not_read(
    generations: GenerationRegister, register: SubscriptionRegister, begin: Begin
) -> None:
    generation = await generations.build("views", 1)
    lease = await filled_to(7, generation, register, begin)

    with pytest.raises(LeaseLostError):
        await generations.go_live(generation, evolve(lease, position=8))

    assert await statuses(generations) == [(1, "building")]


async def test_a_number_is_never_given_again(generations: GenerationRegister) -> None:
    generation = await generations.build("views", 1)
    await generations.remove(generation)

    assert (await generations.build("views", 1)).number > generation.number
    await generations.remove(generation)
