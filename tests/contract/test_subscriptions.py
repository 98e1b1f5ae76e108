"""What every keeper of subscriptions does (`SubscriptionRegister`, `Checkpoints`, `DeferredEvents`)."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from builders.events import a_stream
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import (
    DeferredEvent,
    DeferredEventNotFoundError,
    DeferredEvents,
    DeliveryTransaction,
    Lease,
    LeaseLostError,
    StreamId,
    SubscriptionNotFoundError,
    SubscriptionRegister,
)

Storage = MemoryStore | PostgresDatabase
Begin = Callable[[], AbstractAsyncContextManager[DeliveryTransaction]]

LONG_S, SHORT_S = 60.0, 0.05
NOW = datetime(2026, 3, 1, 12, 0, 0, 250, UTC)


@pytest.fixture
def register(storage: Storage) -> SubscriptionRegister:
    """No subscription has ever run."""
    return storage.subscriptions


@pytest.fixture
def deferred(storage: Storage) -> DeferredEvents:
    """Nothing is deferred."""
    return storage.deferred_events


@pytest.fixture
def begin(storage: Storage) -> Begin:
    return storage.begin


async def leased(register: SubscriptionRegister, name: str = "mails", for_s: float = LONG_S) -> Lease:
    lease = await register.acquire(name, "a worker", for_s)
    assert lease is not None
    return lease


async def moved(begin: Begin, lease: Lease, position: int) -> None:
    async with begin() as tx:
        await tx.checkpoints.move(lease, position)


async def put_off(begin: Begin, *events: DeferredEvent) -> None:
    async with begin() as tx:
        await tx.checkpoints.defer(events)


def a_deferred(
    position: int, stream: StreamId, failures: int = 0, due_at: datetime | None = None
) -> DeferredEvent:
    return DeferredEvent(
        subscription="mails", position=position, stream=stream, failures=failures, due_at=due_at
    )


def parked(position: int, stream: StreamId) -> DeferredEvent:
    return evolve(a_deferred(position, stream, 8), error="ValueError: “no”", parked_at=NOW)


async def test_a_subscription_never_heard_of_begins_before_the_first_event(
    register: SubscriptionRegister,
) -> None:
    assert (await leased(register)).position == 0


async def test_one_worker_at_a_time_has_the_lease(register: SubscriptionRegister) -> None:
    await leased(register)

    assert await register.acquire("mails", "another worker", LONG_S) is None
    assert await register.acquire("audit", "another worker", LONG_S) is not None


async def test_of_many_that_ask_at_once_one_gets_the_lease(register: SubscriptionRegister) -> None:
    leases = await asyncio.gather(*(register.acquire("mails", f"worker {n}", LONG_S) for n in range(8)))

    assert sum(lease is not None for lease in leases) == 1


async def test_a_lease_that_ran_out_passes_on_under_a_greater_token(register: SubscriptionRegister) -> None:
    former = await leased(register, for_s=SHORT_S)
    await asyncio.sleep(2 * SHORT_S)

    assert (await leased(register)).token > former.token


async def test_a_lease_that_was_given_back_passes_on_at_once_with_its_position(
    register: SubscriptionRegister, begin: Begin
) -> None:
    former = await leased(register)
    await moved(begin, former, 7)
    await register.release(former)

    assert (await leased(register)).position == 7


async def test_a_renewed_lease_runs_on(register: SubscriptionRegister) -> None:
    lease = await leased(register, for_s=SHORT_S)
    await register.renew(lease, LONG_S)
    await asyncio.sleep(2 * SHORT_S)

    assert await register.acquire("mails", "another worker", LONG_S) is None


async def test_a_lease_that_passed_on_can_neither_be_renewed_nor_given_back(
    register: SubscriptionRegister,
) -> None:
    former = await leased(register, for_s=SHORT_S)
    await asyncio.sleep(2 * SHORT_S)
    await leased(register)

    with pytest.raises(LeaseLostError):
        await register.renew(former, LONG_S)
    await register.release(former)
    assert await register.acquire("mails", "a third worker", LONG_S) is None


async def test_a_zombie_moves_nothing_and_what_it_wrote_is_undone(
    register: SubscriptionRegister, begin: Begin, deferred: DeferredEvents
) -> None:
    zombie = await leased(register, for_s=SHORT_S)
    await asyncio.sleep(2 * SHORT_S)
    await leased(register)

    with pytest.raises(LeaseLostError):
        async with begin() as tx:
            await tx.checkpoints.defer([a_deferred(3, a_stream())])
            await tx.checkpoints.move(zombie, 3)

    assert (await register.state("mails")).position == 0
    assert await deferred.streams("mails") == frozenset()


async def test_who_is_wrong_about_where_a_subscription_is_does_not_move_it(
    register: SubscriptionRegister, begin: Begin
) -> None:
    lease = await leased(register)
    await moved(begin, lease, 3)

    with pytest.raises(LeaseLostError):
        await moved(begin, lease, 5)

    assert (await register.state("mails")).position == 3


async def test_a_lease_lost_during_a_transaction_undoes_it(
    register: SubscriptionRegister, begin: Begin
) -> None:
    lease = await leased(register)

    with pytest.raises(LeaseLostError):
        async with begin() as tx:
            await register.pause("mails")
            await tx.checkpoints.move(lease, 3)

    assert (await register.state("mails")).position == 0


async def test_a_paused_subscription_is_nobodys_until_it_is_resumed(
    register: SubscriptionRegister, begin: Begin
) -> None:
    lease = await leased(register)
    await register.pause("mails")

    assert await register.acquire("mails", "another worker", LONG_S) is None
    with pytest.raises(LeaseLostError):
        await moved(begin, lease, 1)

    await register.resume("mails")
    assert await register.acquire("mails", "another worker", LONG_S) is not None


async def test_a_reset_subscription_goes_on_from_there_and_has_put_nothing_off(
    register: SubscriptionRegister, begin: Begin, deferred: DeferredEvents
) -> None:
    lease = await leased(register)
    await moved(begin, lease, 9)
    await put_off(begin, a_deferred(5, a_stream()))

    await register.reset("mails", 4)

    with pytest.raises(LeaseLostError):
        await moved(begin, lease, 10)
    assert (await leased(register)).position == 4
    assert await deferred.streams("mails") == frozenset()


@pytest.mark.parametrize("verb", ["pause", "resume", "state"])
async def test_what_never_ran_is_not_found(register: SubscriptionRegister, verb: str) -> None:
    with pytest.raises(SubscriptionNotFoundError):
        await getattr(register, verb)("mails")
    with pytest.raises(SubscriptionNotFoundError):
        await register.reset("mails", 0)


async def test_the_state_tells_who_runs_it_how_far_it_is_and_what_it_put_off(
    register: SubscriptionRegister, begin: Begin
) -> None:
    lease = await leased(register)
    await leased(register, "audit")
    await moved(begin, lease, 9)
    stream = a_stream()
    await put_off(begin, parked(5, stream), a_deferred(6, stream))

    audit, mails = await register.states()

    assert (audit.name, audit.position, audit.deferred) == ("audit", 0, 0)
    assert (mails.position, mails.holder, mails.deferred, mails.parked) == (9, "a worker", 2, 1)
    assert mails.leased_until is not None


async def test_the_streams_of_what_is_put_off_are_known(begin: Begin, deferred: DeferredEvents) -> None:
    one, other = a_stream(), a_stream()
    await put_off(begin, a_deferred(1, one), a_deferred(2, other), a_deferred(3, one))

    assert await deferred.streams("mails") == {one, other}
    assert await deferred.streams("audit") == frozenset()


async def test_the_positions_of_what_is_put_off_are_known(begin: Begin, deferred: DeferredEvents) -> None:
    stream = a_stream()
    await put_off(begin, a_deferred(1, stream), parked(2, stream), a_deferred(3, stream))

    assert await deferred.positions("mails", after_position=1) == {2, 3}
    assert await deferred.positions("audit", after_position=1) == frozenset()


async def test_the_first_of_each_stream_is_due_at_its_time(begin: Begin, deferred: DeferredEvents) -> None:
    late, early, waiting = a_stream(), a_stream(), a_stream()
    due, not_due = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    await put_off(
        begin,
        a_deferred(1, late, 1, not_due),
        a_deferred(2, late),
        a_deferred(4, early, 2, due),
        a_deferred(5, early),
        a_deferred(3, waiting),
    )

    assert await deferred.due("mails", NOW) == [a_deferred(3, waiting), a_deferred(4, early, 2, due)]
    assert await deferred.due("mails", NOW, limit=1) == [a_deferred(3, waiting)]


async def test_what_is_settled_lets_the_next_of_its_stream_go_on(
    begin: Begin, deferred: DeferredEvents
) -> None:
    stream = a_stream()
    first, second = a_deferred(1, stream, 1, NOW), a_deferred(2, stream)
    await put_off(begin, first, second)

    async with begin() as tx:
        await tx.checkpoints.settle(first)

    assert await deferred.due("mails", NOW) == [second]


async def test_what_is_put_off_once_more_is_changed(begin: Begin, deferred: DeferredEvents) -> None:
    stream = a_stream()
    await put_off(begin, a_deferred(1, stream, 1, NOW))
    again = evolve(a_deferred(1, stream, 2, NOW), error="RuntimeError: again")
    await put_off(begin, again)

    assert await deferred.due("mails", NOW) == [again]


async def test_what_is_parked_waits_for_an_operator_and_so_does_its_stream(
    begin: Begin, deferred: DeferredEvents
) -> None:
    stream = a_stream()
    await put_off(begin, parked(1, stream), a_deferred(2, stream))

    assert await deferred.due("mails", NOW) == []
    assert await deferred.parked() == await deferred.parked("mails") == [parked(1, stream)]
    assert await deferred.parked("audit") == []


async def test_what_is_parked_is_told_from_any_position_on(begin: Begin, deferred: DeferredEvents) -> None:
    first, second, third = (parked(position, a_stream()) for position in (1, 2, 3))
    await put_off(begin, first, second, third)

    assert await deferred.parked("mails", after_position=1, limit=1) == [second]
    assert await deferred.parked(after_position=2) == [third]


async def test_a_parked_event_is_retried_as_if_it_were_new(begin: Begin, deferred: DeferredEvents) -> None:
    stream = a_stream()
    await put_off(begin, parked(1, stream), a_deferred(2, stream))

    await deferred.retry("mails", 1)

    [due] = await deferred.due("mails", NOW)
    assert (due.position, due.failures, due.parked_at) == (1, 0, None)
    assert await deferred.parked() == []


async def test_a_discarded_event_lets_the_next_of_its_stream_go_on(
    begin: Begin, deferred: DeferredEvents
) -> None:
    stream = a_stream()
    await put_off(begin, parked(1, stream), a_deferred(2, stream))

    await deferred.discard("mails", 1)

    assert await deferred.due("mails", NOW) == [a_deferred(2, stream)]


@pytest.mark.parametrize("verb", ["retry", "discard"])
async def test_only_what_is_parked_is_an_operators(begin: Begin, deferred: DeferredEvents, verb: str) -> None:
    await put_off(begin, a_deferred(1, a_stream(), 1, NOW))

    for position in (1, 2):
        with pytest.raises(DeferredEventNotFoundError):
            await getattr(deferred, verb)("mails", position)
