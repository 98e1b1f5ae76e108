"""What an external subscription does with several events at once, on every store (`core.eventlog.ExternalDelivery`)."""

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from attrs import define, field

from builders.events import a_stream
from builders.subscribers import TERMS, TRIED_AGAIN_AFTER, Desk, text_of
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import ExternalDelivery, LeaseLostError, RecordedEvent

Storage = MemoryStore | PostgresDatabase


@define(eq=False)
class Window(Desk):
    """Looks at three events at once, and at some of them until it is told that they are over."""

    only_looks: bool = True
    at_once: int = 3
    slow: dict[str, asyncio.Event] = field(factory=lambda: defaultdict(asyncio.Event))
    takes_long: set[str] = field(factory=set)
    began: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.before_each = self._begin

    async def at_work(self) -> ExternalDelivery[Any]:
        delivery = self.delivery(await self.lease())
        assert isinstance(delivery, ExternalDelivery)
        return delivery

    async def is_over(self, delivery: ExternalDelivery[Any], text: str) -> None:
        """*text* takes no longer, and *delivery* goes on."""
        [task] = [each for each in delivery.in_hand if each.get_name() == text]
        self.slow[text].set()
        await asyncio.wait([task])
        await delivery.step()

    async def steps_until(self, delivery: ExternalDelivery[Any], deferred: tuple[int, int]) -> None:
        """*delivery* goes on until so many are put off and parked."""
        async with asyncio.timeout(5):
            while await self.deferred() != deferred:
                await delivery.step()
                await asyncio.sleep(0.001)

    async def taken_over(self, lost: ExternalDelivery[Any]) -> ExternalDelivery[Any]:
        """Who goes on after *lost* has lost its lease, and died."""
        await lost.end()
        await self.storage.subscriptions.pause(self.name)
        await self.storage.subscriptions.resume(self.name)
        return await self.at_work()

    async def _begin(self, recorded: RecordedEvent) -> None:
        self.began.append(text_of(recorded))
        if (text := text_of(recorded)) in self.takes_long:
            task = asyncio.current_task()
            assert task
            task.set_name(text)
            await self.slow[text].wait()


@pytest.fixture
def window(storage: Storage) -> Window:
    return Window(storage)


async def test_what_takes_long_holds_up_its_own_stream_alone(window: Window) -> None:
    slow, other = a_stream(), a_stream()
    window.takes_long = {"a"}
    await window.noted(slow, "a", "b")
    await window.noted(other, "x", "y", "z")
    delivery = await window.at_work()

    await delivery.step()
    while "z" not in window.copyist.looked_at:
        await asyncio.wait(delivery.in_hand, return_when=asyncio.FIRST_COMPLETED)
        await delivery.step()
    assert window.copyist.looked_at == ["x", "y", "z"]

    await window.is_over(delivery, "a")
    await delivery.close()
    assert window.copyist.looked_at == ["x", "y", "z", "a", "b"]


async def test_what_comes_while_something_takes_long_is_begun_as_long_as_there_is_room(
    window: Window,
) -> None:
    window.takes_long = {"a", "b", "c"}
    await window.noted(a_stream(), "a")
    delivery = await window.at_work()
    await delivery.step()

    for text in "bcd":
        await window.noted(a_stream(), text)
    going_on = asyncio.create_task(delivery.step())
    while len(window.began) < 3:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    assert window.began == ["a", "b", "c"]

    window.slow["b"].set()
    await going_on
    window.slow["a"].set()
    window.slow["c"].set()
    await delivery.close()
    assert sorted(window.copyist.looked_at) == ["a", "b", "c", "d"]


async def test_the_checkpoint_waits_for_the_first_that_is_not_over(window: Window) -> None:
    window.takes_long = {"b"}
    for text in "abc":
        await window.noted(a_stream(), text)
    [a, _, c] = [each.position for each in await window.storage.events.read_all()]
    delivery = await window.at_work()

    while "c" not in window.copyist.looked_at:
        await delivery.step()
        await asyncio.sleep(0.001)
    await delivery.step()
    assert a <= await window.position() < c

    await window.is_over(delivery, "b")
    assert await window.position() == c


async def test_who_takes_over_is_given_what_was_not_over_and_what_came_after_it(window: Window) -> None:
    window.takes_long = {"b"}
    for text in "abc":
        await window.noted(a_stream(), text)
    lost = await window.at_work()
    while "c" not in window.copyist.looked_at:
        await lost.step()
        await asyncio.sleep(0.001)
    await lost.step()

    await window.storage.subscriptions.pause(window.name)
    await window.storage.subscriptions.resume(window.name)
    window.takes_long = set()
    await window.works()
    await lost.end()

    assert window.copyist.looked_at == ["a", "c", "b", "c"]


async def test_who_takes_over_goes_on_with_what_was_put_off_in_front_of_what_takes_long(
    window: Window,
) -> None:
    window.takes_long, window.copyist.illegible = {"s"}, {"a"}
    await window.noted(a_stream(), "s")
    await window.noted(a_stream(), "a", "b")
    delivery = await window.at_work()
    await window.steps_until(delivery, (2, 0))

    for looks in range(2, TERMS.most_attempts + 1):
        delivery = await window.taken_over(delivery)
        await delivery.step()
        assert await window.deferred() == (2, 0)
        window.now += TRIED_AGAIN_AFTER
        while len(window.copyist.looked_at) < looks:
            await delivery.step()
            await asyncio.sleep(0.001)
    await window.steps_until(delivery, (2, 1))
    delivery = await window.taken_over(delivery)
    await delivery.step()
    window.slow["s"].set()
    await delivery.close()

    assert window.copyist.looked_at == [*"a" * TERMS.most_attempts, "s"]
    assert await window.deferred() == (2, 1)


async def test_a_zombie_that_tries_again_what_its_successor_put_off_learns_that_its_lease_is_lost(
    window: Window,
) -> None:
    window.at_once, window.copyist.illegible = 1, {"a", "b"}
    await window.noted(a_stream(), "a")
    zombie = await window.at_work()
    await zombie.step()
    await window.storage.subscriptions.pause(window.name)
    await window.storage.subscriptions.resume(window.name)
    await window.noted(a_stream(), "b")
    await window.works()
    window.now += TRIED_AGAIN_AFTER

    with pytest.raises(LeaseLostError):
        await zombie.step()


async def test_one_that_fails_is_put_off_beside_those_that_go_on(window: Window) -> None:
    bad, good, slow = a_stream(), a_stream(), a_stream()
    window.takes_long = {"s"}
    window.copyist.illegible = {"a"}
    await window.noted(slow, "s")
    await window.noted(bad, "a", "b")
    await window.noted(good, "x")
    delivery = await window.at_work()

    await window.steps_until(delivery, (2, 0))
    await window.noted(bad, "c")
    window.copyist.illegible = set()
    await window.is_over(delivery, "s")
    while delivery.has_deferred:
        window.now += TRIED_AGAIN_AFTER
        await delivery.step()
        await asyncio.sleep(0.001)
    await delivery.close()

    assert [text for text in window.copyist.looked_at if text in "abc"] == ["a", "a", "b", "c"]
    assert await window.deferred() == (0, 0)


async def test_what_is_tried_again_and_takes_long_holds_up_nobody_else(window: Window) -> None:
    window.copyist.illegible = {"a"}
    await window.noted(a_stream(), "a")
    await window.works()
    window.copyist.illegible, window.takes_long = set(), {"a"}
    window.now += TRIED_AGAIN_AFTER
    await window.noted(a_stream(), "x")
    delivery = await window.at_work()

    while "x" not in window.copyist.looked_at or "a" not in {each.get_name() for each in delivery.in_hand}:
        await delivery.step()
        await asyncio.sleep(0.001)
    await window.is_over(delivery, "a")

    assert window.copyist.looked_at == ["a", "x", "a"]
    assert await window.deferred() == (0, 0)


async def test_who_closes_finishes_what_is_in_hand_and_who_ends_breaks_it_off(window: Window) -> None:
    window.takes_long = {"a", "b"}
    await window.noted(a_stream(), "a")
    delivery = await window.at_work()
    await delivery.step()
    asyncio.get_running_loop().call_later(0.01, window.slow["a"].set)
    await delivery.close()
    position = await window.position()

    await window.noted(a_stream(), "b")
    await delivery.step()
    await delivery.end()

    assert window.copyist.looked_at == ["a"]
    assert not delivery.in_hand
    assert await window.position() == position


async def test_who_breaks_off_what_is_in_hand_keeps_what_is_over(window: Window) -> None:
    window.takes_long = {"b", "c"}
    for text in "abc":
        await window.noted(a_stream(), text)
    delivery = await window.at_work()
    while "a" not in window.copyist.looked_at:
        await delivery.step()
        await asyncio.sleep(0.001)
    [b] = [each for each in delivery.in_hand if each.get_name() == "b"]
    window.slow["b"].set()
    await asyncio.wait([b])

    await delivery.end()

    *_, b_at, c_at = [recorded.position for recorded in await window.storage.events.read_all()]
    assert b_at <= await window.position() < c_at
