"""Work that fails again and again: how long it waits, and when an event gets the blame."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field

from builders.events import OpenRecorder, a_stream
from builders.subscribers import NOTES, TRIED_AGAIN_AFTER, Copyist, Desk, SubscriberTransaction, text_of
from quayside.adapters.memory import MemoryStore
from quayside.adapters.memory.event_log import MemoryEventReader, MemoryLogFollower
from quayside.adapters.system import entropy, utc_now
from quayside.core.eventlog import LeaseLostError, RecordedEvent, Subscription, SubscriptionObserver
from quayside.core.kernel import UnavailableError, Uuid7Factory
from quayside.entrypoints.worker import Doorbell, PeriodicJob
from quayside.entrypoints.worker.jobs import LeasedJob
from quayside.entrypoints.worker.log_watch import LogWatch
from quayside.entrypoints.worker.running import LeasedWork
from quayside.entrypoints.worker.subscriptions import LeasedSubscription
from quayside.entrypoints.worker.tenure import Tenure, now_s

AWAY = UnavailableError("Not now.")
BLAMED_AFTER, MOST_WAITS = 5, 20
SHORT_S, FIRST_WAIT_S, EVERY_S, LONG_S = 0.03, 0.1, 30.0, 10.0


@define(eq=False)
class Stalls(SubscriptionObserver):
    """Writes down how long nothing was to go on, and ends what would never get on."""

    stop: asyncio.Event
    waits: list[float] = field(factory=list)

    def stalled(self, subscription: str, error: Exception, wait_s: float) -> None:
        self.waits.append(wait_s)
        if len(self.waits) == MOST_WAITS:
            self.stop.set()


@define(eq=False)
class HastySubscription(LeasedSubscription[Any]):
    """Does not wait after a failure."""

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(0)


@define(eq=False)
class HastyJob(LeasedJob):
    """Does not wait, but writes down how long it was to."""

    pauses: list[float] = field(factory=list, init=False)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)


@define(eq=False)
class FlakyReader(MemoryEventReader):
    """Cannot be reached the first time that it is asked where the log ends."""

    asked: int = 0

    @property
    def last_position(self) -> int:
        self.asked += 1
        if self.asked == 1:
            raise AWAY
        return 7


@define(eq=False)
class Bench:
    """Work under a lease, with everything that it is told of."""

    desk: Desk = field(
        factory=lambda: Desk(MemoryStore(OpenRecorder(utc_now, Uuid7Factory(utc_now, entropy))))
    )
    stop: asyncio.Event = field(factory=asyncio.Event)
    stalls: Stalls = field(init=False)

    @stalls.default
    def _stalls(self) -> Stalls:
        return Stalls(self.stop)

    def copying(self, handle: Callable[[SubscriberTransaction, RecordedEvent], Any]) -> HastySubscription:
        subscription = Subscription(name=self.desk.name, of=NOTES, handle=handle, batch=1)
        surroundings = self.desk.surroundings
        return HastySubscription(self.desk.name, *self._common(), subscription, surroundings, Doorbell())

    def job(self, run: Callable[[], Any]) -> HastyJob:
        return HastyJob("job-tidy", *self._common(), PeriodicJob(name="tidy", every_s=EVERY_S, run=run))

    async def works(self, work: LeasedWork) -> None:
        async with asyncio.timeout(LONG_S):
            await work.run()

    def _common(self) -> tuple[Any, Stalls, str, float, asyncio.Event]:
        return self.desk.storage.subscriptions, self.stalls, "ada", LONG_S, self.stop


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_an_event_gets_the_blame_once_nothing_went_on_for_several_attempts(bench: Bench) -> None:
    copyist = Copyist(illegible={"a"}, error=AWAY)

    async def copy(tx: SubscriberTransaction, recorded: RecordedEvent) -> None:
        await copyist.copy(tx, recorded)
        bench.stop.set()  # it came to the other stream

    other = a_stream()
    await bench.desk.noted(a_stream(), "a")
    await bench.desk.noted(other, "b")
    await bench.works(bench.copying(copy))

    assert len(bench.stalls.waits) == BLAMED_AFTER
    assert await bench.desk.deferred() == (1, 0)
    assert await bench.desk.copied(other) == ["b"]


async def test_what_waited_behind_an_event_follows_it_without_a_pause(bench: Bench) -> None:
    texts, copied, failed = [str(n) for n in range(60)], list[str](), list[str]()

    async def copy(tx: SubscriberTransaction, recorded: RecordedEvent) -> None:
        if not failed:
            failed.append(text_of(recorded))
            raise ValueError("illegible")
        copied.append(text_of(recorded))
        if copied == texts:
            bench.stop.set()

    await bench.desk.noted(a_stream(), *texts)
    working = asyncio.create_task(bench.works(bench.copying(copy)))
    while not failed or await bench.desk.deferred() != (len(texts), 0):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.005)
    bench.desk.now += TRIED_AGAIN_AFTER

    await working  # for ten seconds at most, which is less than a quarter for each
    assert await bench.desk.deferred() == (0, 0)


async def test_failures_before_something_went_on_are_forgotten(bench: Bench) -> None:
    texts = [*"abcdefgh"]
    failed: list[str] = []

    async def copy(tx: SubscriberTransaction, recorded: RecordedEvent) -> None:
        if text_of(recorded) not in failed:
            failed.append(text_of(recorded))
            raise AWAY
        if failed == texts:
            bench.stop.set()

    await bench.desk.noted(a_stream(), *texts)
    await bench.works(bench.copying(copy))

    assert len(bench.stalls.waits) == len(texts)
    assert max(bench.stalls.waits) <= FIRST_WAIT_S
    assert await bench.desk.deferred() == (0, 0)


async def test_a_job_rests_for_as_long_as_it_says_and_its_failures_before_it_went_well_are_forgotten(
    bench: Bench,
) -> None:
    done: list[bool] = []

    async def do() -> None:
        done.append(len(done) % 2 == 1)
        if not done[-1]:
            raise AWAY
        if len(done) == 16:
            bench.stop.set()

    job = bench.job(do)
    await bench.works(job)

    assert job.pauses[1::2] == [EVERY_S] * 8
    assert job.pauses[::2] == bench.stalls.waits
    assert max(bench.stalls.waits) <= FIRST_WAIT_S


@pytest.mark.parametrize(("whose", "stalls"), [("something-else", 3), ("job-tidy", 0)])
async def test_a_job_that_fails_for_the_lease_of_something_else_waits_as_after_any_failure(
    bench: Bench, whose: str, stalls: int
) -> None:
    done: list[str] = []

    async def do() -> None:
        done.append(whose)
        if len(done) > 3:
            bench.stop.set()
        else:
            raise LeaseLostError(whose)

    await bench.works(bench.job(do))

    assert len(bench.stalls.waits) == stalls


async def test_a_job_whose_lease_was_lost_is_not_done_once_more(bench: Bench) -> None:
    register = bench.desk.storage.subscriptions
    done: list[str] = []
    lease = await register.acquire("job-tidy", "ada", LONG_S)
    assert lease
    held = Tenure(lease, register, SHORT_S, now_s() + LONG_S)

    async def do() -> None:
        done.append("ada")
        await register.pause("job-tidy")
        await held.renew()
        if len(done) > 1:
            bench.stop.set()

    async with asyncio.timeout(LONG_S):
        await bench.job(do).work(held)

    assert done == ["ada"]


async def test_whoever_waits_for_the_log_to_grow_is_woken_after_the_database_was_away() -> None:
    bell = Doorbell()
    watching = asyncio.create_task(LogWatch(MemoryLogFollower(FlakyReader()), bell).run())

    await bell.wait(0, LONG_S / 4)
    watching.cancel()

    assert bell.rings == 1
