"""A projection on its way, on every store: built, kept up to date, and built anew beside the one that is read."""

import asyncio
from collections import defaultdict

import pytest
from attrs import define, evolve, field

from builders.events import a_stream, notes
from builders.projections import LEASE_S, SAYINGS, TALLY, Gallery, Held, of_version
from builders.subscribers import text_of
from builders.transactions import held_open
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import (
    ExternalSubscription,
    JsonObject,
    RecordedEvent,
    SubscriptionObserver,
    TransactionalDelivery,
    filling,
)
from quayside.entrypoints.worker import (
    PeriodicJob,
    ProjectionBehindError,
    ProjectionNotFoundError,
    RebuildFailedError,
    RebuildProgress,
    Worker,
    at_work,
    rebuild,
)

Storage = MemoryStore | PostgresDatabase


@pytest.fixture
def gallery(storage: Storage) -> Gallery:
    """Nothing was noted yet."""
    return Gallery(storage)


@define(eq=False)
class Journal(SubscriptionObserver):
    """Writes down what becomes of each subscription."""

    told: dict[str, list[str]] = field(factory=lambda: defaultdict(list))
    has_removed: asyncio.Event = field(factory=asyncio.Event)

    def ended(self, subscription: str) -> None:
        self.told[subscription].append("ended")

    def removed(self, subscription: str) -> None:
        self.told[subscription].append("removed")
        self.has_removed.set()


def untold(progress: RebuildProgress) -> None:
    """Nobody watches."""


async def test_a_view_has_what_happened_before_it_and_whatever_happens(gallery: Gallery) -> None:
    await gallery.noted("a", "b", "a")
    async with at_work(gallery.worker()):
        await gallery.sees(await gallery.noted("c"))

        assert await gallery.sees(await gallery.noted("-b", "c")) == {"a": 2, "c": 2}


async def test_a_document_that_is_deleted_and_made_anew_at_once_begins_anew(gallery: Gallery) -> None:
    async with at_work(gallery.worker()):
        await gallery.sees(await gallery.noted("a", "a"))

        assert await gallery.sees(await gallery.noted("-a", "a")) == {"a": 1}


async def test_nothing_is_read_of_a_view_that_is_built_for_the_first_time(gallery: Gallery) -> None:
    await gallery.noted("a", "b")
    slow = Held()
    async with at_work(gallery.worker(slow)):
        await slow.stopped.wait()
        assert await gallery.is_unbuilt()
        slow.let_go.set()

        assert await gallery.sees(1) == {"a": 1, "b": 1}


async def test_nothing_is_read_of_a_view_of_which_a_part_is_built(gallery: Gallery) -> None:
    position = await gallery.noted(*["a"] * 600, "b")
    slow = Held(stops=lambda _, recorded: text_of(recorded) == "b")
    async with at_work(gallery.worker(slow)):
        await slow.stopped.wait()
        assert await gallery.is_unbuilt()
        slow.let_go.set()

        assert await gallery.sees(position) == {"a": 600, "b": 1}


async def test_a_view_is_not_read_before_it_has_what_was_there_whatever_is_under_way(
    gallery: Gallery,
) -> None:
    await gallery.noted("a")
    async with held_open(gallery.storage.begin) as writer:
        await writer.tx.events.append(a_stream(), notes("never"), None)
    position = await gallery.noted("b")

    async with held_open(gallery.storage.begin) as writer:
        await writer.tx.events.append(a_stream(), notes("slow"), None)
        async with at_work(gallery.worker()):
            await asyncio.sleep(0.3)
            assert await gallery.is_unbuilt() or await gallery.tally() == {"a": 1, "b": 1}
            await writer.roll_back()

            assert await gallery.sees(position) == {"a": 1, "b": 1}


async def test_a_view_that_is_built_anew_waits_for_nobody_whom_the_old_one_waits_for(
    gallery: Gallery,
) -> None:
    async with at_work(gallery.worker()):
        await gallery.sees(await gallery.noted("a"))

    async with held_open(gallery.storage.begin) as writer:
        await writer.tx.events.append(a_stream(), notes("slow"), None)
        await gallery.noted("b")
        async with asyncio.timeout(5):
            await rebuild(gallery.worker(), "tally", untold)

    assert (await gallery.tally())["a"] == 1


async def test_while_a_view_is_built_anew_the_old_one_is_read_and_goes_on(gallery: Gallery) -> None:
    async with at_work(gallery.worker()):
        await gallery.sees(await gallery.noted("a", "b"))
    [former] = await gallery.storage.generations.of("tally")
    slow = Held(stops=lambda generation, _: generation != former.number)

    async with at_work(gallery.worker(slow)):
        rebuilding = asyncio.create_task(rebuild(gallery.worker(slow), "tally", untold))
        await slow.stopped.wait()
        assert await gallery.sees(await gallery.noted("a")) == {"a": 2, "b": 1}
        assert await gallery.statuses() == [(1, "live"), (1, "building")]
        slow.let_go.set()
        await rebuilding
        assert await gallery.tally() == {"a": 2, "b": 1}

        await gallery.comes_to((1, "live"))
        async with gallery.storage.begin() as tx:
            assert await tx.documents.load(former.number, "ab") == {}
        assert await gallery.sees(await gallery.noted("b")) == {"a": 2, "b": 2}
    assert len(await gallery.storage.subscriptions.states()) == 1


async def test_a_rebuild_that_was_killed_goes_on_where_it_was(gallery: Gallery) -> None:
    await gallery.noted("a", "a")
    killed = await gallery.storage.generations.build("tally", 1)
    lease = await gallery.storage.subscriptions.acquire(killed.subscription, "killed", LEASE_S)
    assert lease is not None
    await TransactionalDelivery(evolve(filling(TALLY, killed), batch=1), lease, gallery.surroundings).step()

    async with at_work(gallery.worker()):
        assert await gallery.sees(await gallery.noted("a")) == {"a": 3}

    assert await gallery.storage.generations.of("tally") == [evolve(killed, status=type(killed.status).LIVE)]


async def test_a_greater_version_is_built_and_takes_the_place_of_the_smaller(gallery: Gallery) -> None:
    async with at_work(gallery.worker()):
        position = await gallery.noted("a", "b")
        await gallery.sees(position)
    twice = evolve(of_version(2), fold=lambda document, _: {"times": (document or {"times": 0})["times"] + 2})

    async with at_work(gallery.worker(twice)):
        await gallery.comes_to((2, "live"))

        assert await gallery.sees(position) == {"a": 2, "b": 2}


async def test_processes_of_an_older_release_neither_fill_nor_replace_the_newer_view(
    gallery: Gallery,
) -> None:
    async with at_work(gallery.worker(of_version(2))):
        await gallery.sees(await gallery.noted("a"))

    async with at_work(gallery.worker(of_version(1))):
        position = await gallery.noted("b")
        with pytest.raises(ProjectionBehindError):
            await gallery.watch.wait_for("tally", position, timeout_s=0.1)

    assert (await gallery.statuses(), await gallery.tally()) == ([(2, "live")], {"a": 1})


async def test_a_worker_leaves_alone_what_others_have_replaced(gallery: Gallery) -> None:
    register, generations = gallery.storage.subscriptions, gallery.storage.generations
    async with at_work(gallery.worker()):
        position = await gallery.noted("a")
        await gallery.sees(position)
        newer = await generations.build("tally", 2)
        lease = await register.acquire(newer.subscription, "of the next release", 60)
        assert lease is not None
        async with gallery.storage.begin() as tx:
            await tx.checkpoints.move(lease, position)
        assert await generations.go_live(newer, evolve(lease, position=position))

        await gallery.noted("b")
        await gallery.comes_to((2, "live"))

    assert await gallery.tally() == {}
    assert [state.name for state in await register.states()] == [newer.subscription]


async def test_of_a_generation_that_somebody_else_has_removed_nothing_is_left(gallery: Gallery) -> None:
    register, generations = gallery.storage.subscriptions, gallery.storage.generations
    async with at_work(gallery.worker()):
        await gallery.sees(await gallery.noted("a"))
        [former] = await generations.of("tally")
        await generations.remove(former)

        assert await gallery.sees(await gallery.noted("a")) == {"a": 2}

    [latter] = await generations.of("tally")
    assert [state.name for state in await register.states()] == [latter.subscription]


async def test_of_a_generation_that_was_replaced_nothing_more_is_told(gallery: Gallery) -> None:
    journal = Journal()
    worker = evolve(gallery.worker(), at=evolve(gallery.surroundings, observer=journal))
    async with at_work(worker):
        await gallery.sees(await gallery.noted("a"))
        [former] = await gallery.storage.generations.of("tally")
        await rebuild(gallery.worker(), "tally", untold)
        async with asyncio.timeout(5):
            await journal.has_removed.wait()

    assert journal.told[former.subscription][-2:] == ["ended", "removed"]


async def test_a_view_that_could_not_handle_an_event_does_not_take_the_place_of_one_that_could(
    gallery: Gallery,
) -> None:
    async with at_work(gallery.worker()):
        await gallery.sees(await gallery.noted("a", "b"))

    def fails(document: JsonObject | None, recorded: RecordedEvent) -> JsonObject:
        raise ValueError(text_of(recorded))

    with pytest.raises(RebuildFailedError):
        await rebuild(gallery.worker(evolve(TALLY, fold=fails)), "tally", untold)

    assert (await gallery.statuses(), await gallery.tally()) == (
        [(1, "live"), (1, "building")],
        {"a": 1, "b": 1},
    )


async def test_a_rebuild_fails_whose_place_another_has_taken(gallery: Gallery) -> None:
    await gallery.noted("a")
    slow = Held()
    rebuilding = asyncio.create_task(rebuild(gallery.worker(slow), "tally", untold))
    await slow.stopped.wait()

    await gallery.storage.generations.build("tally", 2)
    slow.let_go.set()

    with pytest.raises(RebuildFailedError, match="Another rebuild"):
        await rebuilding


async def test_a_rebuild_does_nothing_else_that_its_worker_could(gallery: Gallery) -> None:
    done: list[str] = []

    async def tell(recorded: RecordedEvent) -> None:
        done.append(text_of(recorded))

    async def tidy() -> None:
        done.append("tidied")

    await gallery.noted("a")
    worker = evolve(
        gallery.worker(),
        projections=[TALLY, SAYINGS],
        subscriptions=[ExternalSubscription(name="mails", handle=tell)],
        jobs=[PeriodicJob(name="tidy", every_s=60, run=tidy)],
    )
    await rebuild(worker, "tally", untold)

    [tally] = await gallery.storage.generations.of()
    assert tally.projection == "tally"
    assert [state.name for state in await gallery.storage.subscriptions.states()] == [tally.subscription]
    assert done == []


async def test_whoever_watches_a_rebuild_is_told_how_far_it_is(gallery: Gallery) -> None:
    position = await gallery.noted("a", "b", "c")
    told: list[RebuildProgress] = []

    await rebuild(gallery.worker(), "tally", told.append)

    assert [it.done for it in told] == sorted(it.done for it in told)
    assert (told[-1].done, told[-1].total) == (position, position)
    assert told[-1].per_s > 0


async def test_what_nobody_declares_is_not_built(gallery: Gallery) -> None:
    with pytest.raises(ProjectionNotFoundError):
        await rebuild(gallery.worker(), "sums", untold)

    assert await gallery.storage.generations.of() == []


async def test_whoever_waits_too_long_is_told_how_far_the_view_is(gallery: Gallery) -> None:
    async with at_work(gallery.worker()):
        position = await gallery.noted("a")
        await gallery.sees(position)

        with pytest.raises(ProjectionBehindError) as behind:
            await gallery.watch.wait_for("tally", position + 1, timeout_s=0.02)

    assert behind.value.details == {"projection": "tally", "position": position + 1, "reached": position}


def test_projections_need_generations(gallery: Gallery) -> None:
    with pytest.raises(ValueError, match="generations"):
        Worker(at=gallery.surroundings, register=gallery.storage.subscriptions, projections=[TALLY])
