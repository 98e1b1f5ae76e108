"""Whatever crashes, fails or is taken over in between: everything takes effect once, each stream in its order."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from typing import Any
from uuid import uuid4

from attrs import define, field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.events import a_stream
from builders.subscribers import TRIED_AGAIN_AFTER, Copyist, Desk, text_of
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import (
    Delivery,
    LeaseLostError,
    RecordedEvent,
    StreamId,
    SubscriptionNotFoundError,
)

Storage = MemoryStore | PostgresDatabase


class Crash(BaseException):
    """The end of a process, at whatever it is."""


class Point(Enum):
    """Where in its next transaction a worker dies."""

    BEFORE_COMMIT = "before commit"
    AFTER_COMMIT = "after commit"


@frozen
class Note:
    """
    Something happens.

    Args:
        stream: Which of a few.
        failures: How often its handler fails at first.
        turns: How many turns of the event loop its handler takes, where it may take some.
    """

    stream: int
    failures: int
    turns: int


@frozen
class Step:
    """
    A worker takes the lease if it can have it, and delivers once.

    Args:
        worker: Which of a few.
        dies: Where, if it does.
        takes_over: Whether the lease is taken away first from whoever has it, who does not notice.
    """

    worker: int
    dies: Point | None
    takes_over: bool


@frozen
class Other:
    """Time passes, or an operator intervenes."""

    name: str


steps = st.builds(Step, st.integers(0, 1), st.sampled_from([None, None, None, *Point]), st.booleans())
courses = st.lists(
    st.one_of(
        st.builds(Note, st.integers(0, 2), st.sampled_from([0, 0, 0, 1, 2, 5]), st.integers(0, 9)),
        steps,
        steps,
        st.builds(Other, st.sampled_from(["waits", "retries"])),
    ),
    max_size=30,
)


@define(eq=False)
class Dying:
    """A store whose user dies in the next transaction, if told to."""

    storage: Storage
    point: Point | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        point, self.point = self.point, None
        async with self.storage.begin() as tx:
            yield tx
            if point is Point.BEFORE_COMMIT:
                raise Crash
        if point is Point.AFTER_COMMIT:
            raise Crash

    def __getattr__(self, name: str) -> Any:
        return getattr(self.storage, name)


@define(eq=False)
class Forgiving(Copyist):
    """Cannot read some of it at first."""

    failures: dict[str, int] = field(factory=dict)
    turns: dict[str, int] = field(factory=dict)
    read: list[str] = field(factory=list)

    async def note(self, recorded: RecordedEvent) -> None:
        for _ in range(self.turns[text_of(recorded)]):
            await asyncio.sleep(0)
        await super().note(recorded)

    def look_at(self, text: str) -> None:
        if self.failures.get(text, 0) > 0:
            self.failures[text] -= 1
            raise ValueError("illegible")
        self.read.append(text)


@define(eq=False)
class Course:
    """What is done, and what should come of it."""

    storage: Storage
    only_looks: bool
    at_once: int = 1
    copyist: Forgiving = field(factory=Forgiving, init=False)
    store: Dying = field(init=False)
    desk: Desk = field(init=False)
    streams: list[StreamId] = field(init=False)
    noted: dict[StreamId, list[str]] = field(factory=lambda: defaultdict(list), init=False)
    workers: dict[int, Delivery[Any, Any]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        # The store is shared by all examples: each has a subscription and streams of its own.
        own = f"s{uuid4().hex}"
        self.store = Dying(self.storage)
        self.desk = Desk(self.store, self.only_looks, own, own, self.copyist, at_once=self.at_once)
        self.streams = [a_stream(own) for _ in range(3)]

    async def begins(self) -> None:
        """At the end of what other examples have noted."""
        register = self.store.subscriptions
        await register.release(await self.desk.lease())
        await register.reset(self.desk.name, await self.store.follower.end())

    async def take(self, action: Note | Step | Other) -> None:
        if isinstance(action, Note):
            text, stream = uuid4().hex, self.streams[action.stream]
            self.noted[stream].append(text)
            self.copyist.failures[text] = action.failures
            self.copyist.turns[text] = action.turns
            await self.desk.noted(stream, text)
        elif isinstance(action, Step):
            await self.step(action)
        else:
            await {"waits": self.waits, "retries": self.retries}[action.name]()

    async def step(self, action: Step) -> None:
        """As whoever has the lease, or still believes so."""
        try:
            if action.worker not in self.workers:
                if action.takes_over:
                    await self.lets_go()
                lease = await self.store.subscriptions.acquire(self.desk.name, str(action.worker), 60)
                if lease is None:
                    return
                self.workers[action.worker] = self.desk.delivery(lease)
            self.store.point = action.dies
            await self.workers[action.worker].step()
        except LeaseLostError:
            await self.workers.pop(action.worker).end()
        except Crash:
            for task in self.workers.pop(action.worker).in_hand:
                task.cancel()
            await self.lets_go()  # as if it had run out
        finally:
            self.store.point = None

    async def waits(self) -> None:
        self.desk.now += TRIED_AGAIN_AFTER

    async def lets_go(self) -> None:
        """Whoever has the lease loses it, and does not know."""
        with suppress(SubscriptionNotFoundError):
            await self.store.subscriptions.pause(self.desk.name)
            await self.store.subscriptions.resume(self.desk.name)

    async def retries(self) -> None:
        for parked in await self.store.deferred_events.parked(self.desk.name):
            await self.store.deferred_events.retry(self.desk.name, parked.position)

    async def ends_well(self) -> None:
        """Nothing fails any more, and one worker does what is left."""
        self.copyist.failures.clear()
        await self.lets_go()
        delivery = self.desk.delivery(await self.desk.lease())
        for _ in range(sum(map(len, self.noted.values())) + 3):
            await self.retries()
            await self.waits()
            await delivery.step()
            if delivery.in_hand:
                await asyncio.wait(delivery.in_hand)


# The store is shared by all examples.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=courses)
async def test_rows_change_once_for_each_event_in_the_order_of_its_stream(
    storage: Storage, actions: list[Note | Step | Other]
) -> None:
    course = Course(storage, only_looks=False)
    await course.begins()

    for action in actions:
        await course.take(action)
        for stream in course.streams:
            copied = await course.desk.copied(stream)
            assert copied == course.noted[stream][: len(copied)]

    await course.ends_well()
    for stream in course.streams:
        assert await course.desk.copied(stream) == course.noted[stream]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=courses, at_once=st.sampled_from([1, 2, 3]))
async def test_what_is_done_outside_is_done_for_each_event_and_never_before_an_earlier_one_of_its_stream(
    storage: Storage, actions: list[Note | Step | Other], at_once: int
) -> None:
    course = Course(storage, only_looks=True, at_once=at_once)
    await course.begins()

    for action in actions:
        await course.take(action)
    await course.ends_well()

    first_time = [*dict.fromkeys(course.copyist.read)]
    for stream in course.streams:
        noted = course.noted[stream]
        assert [text for text in first_time if text in noted] == noted
