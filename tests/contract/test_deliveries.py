"""What a subscription is given, on every store (`core.eventlog`: `TransactionalDelivery`, `ExternalDelivery`)."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve

from builders.events import a_stream, notes
from builders.subscribers import TRIED_AGAIN_AFTER, Desk
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import (
    DeferredEvent,
    EventFilter,
    ExternalDelivery,
    ExternalSubscription,
    LeaseLostError,
    MalformedEvent,
    Origin,
    RecordedEvent,
    Subscription,
    TransactionalDelivery,
    UnknownEvent,
    present_origin,
)
from quayside.core.kernel import UnavailableError

Storage = MemoryStore | PostgresDatabase


@pytest.fixture
def desk(storage: Storage) -> Desk:
    """Copies inside the transaction of its checkpoint."""
    return Desk(storage)


@pytest.fixture
def window(storage: Storage) -> Desk:
    """Looks at events outside of any transaction."""
    return Desk(storage, only_looks=True)


async def test_what_happened_is_handled_once_and_in_order(desk: Desk) -> None:
    stream = a_stream()
    await desk.noted(stream, "a", "b", "c")

    await desk.works()
    await desk.works()
    await desk.noted(stream, "d")
    await desk.works()

    assert await desk.copied(stream) == ["a", "b", "c", "d"]
    assert desk.copyist.looked_at == ["a", "b", "c", "d"]


async def test_what_is_not_wanted_is_passed_over_and_never_looked_at_again(desk: Desk) -> None:
    await desk.noted(a_stream("rumour"), "a", "b")

    await desk.works()

    assert desk.copyist.looked_at == []
    assert await desk.position() == (await desk.storage.events.read_all())[-1].position


async def test_an_event_that_fails_is_put_off_with_those_that_follow_it_in_its_stream(desk: Desk) -> None:
    bad, good = a_stream(), a_stream()
    desk.copyist.illegible = {"b"}
    await desk.noted(bad, "a", "b", "c")
    await desk.noted(good, "x", "y")

    await desk.works()
    await desk.noted(bad, "d")
    await desk.works()

    assert await desk.copied(bad) == ["a"]
    assert await desk.copied(good) == ["x", "y"]
    assert await desk.deferred() == (3, 0)
    assert await desk.position() == (await desk.storage.events.read_all(limit=500))[-1].position


async def test_what_was_put_off_is_tried_again_after_a_while_in_the_order_of_its_stream(desk: Desk) -> None:
    stream = a_stream()
    desk.copyist.illegible = {"b"}
    await desk.noted(stream, "a", "b", "c", "d")
    await desk.works()
    desk.copyist.illegible = set()

    await desk.works()
    assert await desk.copied(stream) == ["a"]

    for _ in "bcd":
        desk.now += TRIED_AGAIN_AFTER
        await desk.works()
    assert await desk.copied(stream) == ["a", "b", "c", "d"]
    assert await desk.deferred() == (0, 0)


async def test_what_failed_too_often_is_parked_and_no_more_tried(desk: Desk) -> None:
    stream = a_stream()
    desk.copyist.illegible = {"a"}
    await desk.noted(stream, "a", "b")
    for _ in range(5):
        await desk.works()
        desk.now += TRIED_AGAIN_AFTER

    [parked] = await desk.storage.deferred_events.parked("copies")

    assert await desk.deferred() == (2, 1)
    assert (parked.failures, parked.error) == (3, "ValueError: illegible")
    assert desk.copyist.looked_at.count("a") == 3 + 1  # the first time in a batch, and then alone


async def test_a_parked_event_that_is_retried_is_handled_and_so_is_what_waited(desk: Desk) -> None:
    stream = a_stream()
    desk.copyist.illegible = {"a"}
    await desk.noted(stream, "a", "b")
    for _ in range(3):
        await desk.works()
        desk.now += TRIED_AGAIN_AFTER
    [parked] = await desk.storage.deferred_events.parked("copies")
    desk.copyist.illegible = set()

    await desk.storage.deferred_events.retry("copies", parked.position)
    await desk.works()
    await desk.works()

    assert await desk.copied(stream) == ["a", "b"]


async def test_after_a_discarded_event_its_stream_goes_on(desk: Desk) -> None:
    stream = a_stream()
    desk.copyist.illegible = {"a"}
    await desk.noted(stream, "a", "b")
    for _ in range(3):
        await desk.works()
        desk.now += TRIED_AGAIN_AFTER
    [parked] = await desk.storage.deferred_events.parked("copies")

    await desk.storage.deferred_events.discard("copies", parked.position)
    await desk.works()

    assert await desk.copied(stream) == ["b"]


async def test_a_zombie_changes_nothing(desk: Desk) -> None:
    stream = a_stream()
    zombie = desk.delivery(await desk.lease())
    await desk.noted(stream, "a")
    await desk.storage.subscriptions.reset("copies", 0)

    with pytest.raises(LeaseLostError):
        await zombie.step()
    assert await desk.copied(stream) == []

    await desk.works()
    assert await desk.copied(stream) == ["a"]


@pytest.mark.parametrize("only_looks", [False, True])
async def test_where_nothing_can_be_done_no_event_is_to_blame(storage: Storage, *, only_looks: bool) -> None:
    desk = Desk(storage, only_looks)
    desk.copyist = evolve(desk.copyist, illegible={"b"}, error=UnavailableError("Not now."))
    stream = a_stream()
    await desk.noted(stream, "a", "b", "c")
    delivery = desk.delivery(await desk.lease())

    with pytest.raises(UnavailableError):
        await delivery.step()

    assert await desk.deferred() == (0, 0)
    desk.copyist.illegible = set()
    await delivery.step()
    assert desk.copyist.looked_at[-1] == "c"


async def test_what_takes_forever_again_and_again_is_to_blame_in_the_end(desk: Desk) -> None:
    desk.copyist = evolve(desk.copyist, illegible={"b"}, error=UnavailableError("Took too long."))
    stream, other = a_stream(), a_stream()
    await desk.noted(stream, "a", "b", "c")
    await desk.noted(other, "x")

    await desk.delivery(await desk.lease(), blames_events=True).step()

    assert (await desk.copied(stream), await desk.copied(other)) == (["a"], ["x"])
    assert await desk.deferred() == (2, 0)


async def test_what_is_done_outside_is_done_in_order_and_not_again_once_it_is_checked_off(
    window: Desk,
) -> None:
    await window.noted(a_stream(), "a", "b", "c")

    await window.works()
    await window.works()

    assert window.copyist.looked_at == ["a", "b", "c"]


async def test_what_is_done_outside_before_a_crash_is_done_again_under_the_same_id(window: Desk) -> None:
    await window.noted(a_stream(), "a")
    ids = []

    async def crashes(recorded: RecordedEvent) -> None:
        ids.append(recorded.envelope.id)
        if len(ids) == 1:
            await window.storage.subscriptions.reset("copies", 0)  # as if another had taken over

    window.before_each = crashes
    with pytest.raises(LeaseLostError):
        await window.works()
    await window.works()

    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_what_was_done_outside_before_a_failure_is_not_done_again(window: Desk) -> None:
    window.copyist = evolve(window.copyist, illegible={"b"}, error=UnavailableError("Not now."))
    await window.noted(a_stream(), "a", "b", "c")
    lease = await window.lease()
    with pytest.raises(UnavailableError):
        await window.delivery(lease).step()
    await window.storage.subscriptions.release(lease)
    window.copyist.illegible = set()

    await window.works()

    assert window.copyist.looked_at == ["a", "b", "b", "c"]


async def test_what_fails_outside_is_put_off_with_those_that_follow_it_in_its_stream(window: Desk) -> None:
    bad, good = a_stream(), a_stream()
    window.copyist.illegible = {"a"}
    await window.noted(bad, "a", "b")
    await window.noted(good, "x")

    await window.works()
    window.copyist.illegible = set()
    for _ in "ab":
        window.now += TRIED_AGAIN_AFTER
        await window.works()

    assert window.copyist.looked_at == ["a", "x", "a", "b"]
    assert await window.deferred() == (0, 0)


async def test_whoever_is_told_to_stop_leaves_the_rest_of_the_batch(window: Desk) -> None:
    window.stopping_after = "b"
    await window.noted(a_stream(), "a", "b", "c", "d")

    await window.works()
    assert window.copyist.looked_at == ["a", "b"]

    window.stopping_after = None
    await window.works()
    assert window.copyist.looked_at == ["a", "b", "c", "d"]


async def test_what_a_handler_records_is_in_answer_to_the_event_and_of_the_same_correlation(
    desk: Desk,
) -> None:
    stream = a_stream()
    await desk.noted(stream, "a")
    [told] = await desk.storage.events.read_stream(stream)

    await desk.works()

    [origin] = desk.copyist.origins
    assert (origin.causation_id, origin.correlation_id) == (told.envelope.id, told.envelope.correlation_id)
    assert present_origin() == Origin()


async def test_an_event_that_nobody_knows_here_is_put_off_for_whoever_does(desk: Desk) -> None:
    await _stored_otherwise(desk, UnknownEvent("Whispered", 1, '{"text": "a"}'))

    await desk.works()

    [due] = await desk.storage.deferred_events.due("copies", desk.now + TRIED_AGAIN_AFTER)
    assert due.error is not None
    assert "Whispered" in due.error


async def test_who_takes_many_at_once_is_not_given_what_nobody_knows_here_either(desk: Desk) -> None:
    given = list[str]()

    async def take(_: Any, events: Sequence[RecordedEvent]) -> None:
        given.extend(recorded.event.type_name() for recorded in events)

    async def take_one(tx: Any, recorded: RecordedEvent) -> None:
        await take(tx, [recorded])

    await _stored_otherwise(desk, UnknownEvent("Whispered", 1, '{"text": "a"}'))
    await desk.noted(a_stream(), "x")
    taking = Subscription(name="copies", of=desk.of, handle=take_one, handle_batch=take)

    await TransactionalDelivery(taking, await desk.lease(), desk.surroundings).step()

    assert given == ["Noted"]
    assert await desk.deferred() == (1, 0)


@pytest.mark.parametrize("only_looks", [False, True])
async def test_what_is_no_valid_event_is_parked_and_holds_up_no_other_stream(
    storage: Storage, *, only_looks: bool
) -> None:
    desk, good = Desk(storage, only_looks), a_stream()
    await _stored_otherwise(desk, MalformedEvent("Noted", 1, "{}"))
    await desk.noted(good, "x")

    for _ in range(3):
        await desk.works()
        desk.now += TRIED_AGAIN_AFTER

    [parked] = await desk.storage.deferred_events.parked("copies")
    assert parked.error is not None
    assert parked.error.startswith("MalformedEventError")
    assert desk.copyist.looked_at == ["x"]


@pytest.mark.parametrize("only_looks", [False, True])
async def test_an_event_that_is_no_longer_in_the_log_waits_for_nobody(
    storage: Storage, *, only_looks: bool
) -> None:
    desk, stream = Desk(storage, only_looks), a_stream()
    await desk.noted(stream, "a")
    await desk.works()
    [recorded] = await storage.events.read_stream(stream)
    gone = evolve(recorded, position=recorded.position + 1_000_000)
    async with storage.begin() as tx:
        await tx.checkpoints.defer([evolve(DeferredEvent.waiting("copies", gone), due_at=desk.now)])

    await desk.works()

    assert await desk.deferred() == (0, 0)
    assert desk.copyist.looked_at == ["a"]


async def test_who_does_not_look_into_events_is_given_those_that_nobody_knows_here(storage: Storage) -> None:
    desk, kept = Desk(storage), list[str]()

    async def keep(recorded: RecordedEvent) -> None:
        kept.append(recorded.event.type_name())

    await _stored_otherwise(desk, UnknownEvent("Whispered", 1, '{"text": "a"}'))
    of = EventFilter(categories=frozenset({"note"}), even_unreadable=True)
    archive = ExternalSubscription(name="copies", of=of, handle=keep)

    await ExternalDelivery(archive, await desk.lease(), desk.surroundings).step()

    assert kept == ["Whispered"]
    assert await desk.deferred() == (0, 0)


@pytest.mark.parametrize("only_looks", [False, True])
async def test_what_waited_behind_an_event_that_is_handled_at_last_follows_at_once(
    storage: Storage, *, only_looks: bool
) -> None:
    desk, stream = Desk(storage, only_looks), a_stream()
    desk.copyist.illegible = {"a"}
    await desk.noted(stream, "a", "b", "c", "d")
    await desk.works()
    desk.copyist.illegible = set()
    desk.copyist.looked_at.clear()
    desk.now += TRIED_AGAIN_AFTER
    delivery = desk.delivery(await desk.lease())

    for _ in "abcd":
        await delivery.step()

    assert desk.copyist.looked_at == ["a", "b", "c", "d"]
    assert not delivery.has_deferred


async def _stored_otherwise(desk: Desk, event: UnknownEvent) -> None:
    """Have *event* stand in the log as another release, or somebody with a pen, left it there."""
    stream, [envelope] = a_stream(), notes("a")
    if isinstance(desk.storage, PostgresDatabase):
        await desk.noted(stream, "a")
        async with desk.storage.read() as connection:
            query = "UPDATE events SET type = %s, data = %s::jsonb WHERE stream_id = %s"
            await connection.execute(query, (event.stored_type, event.data, stream.id))
    else:
        async with desk.storage.begin() as tx:
            await tx.events.append(stream, [evolve(envelope, event=event)], 0)
