"""A worker beside others: who does what, and what becomes of it when one stops."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from attrs import define, evolve, field

from builders.events import OpenRecorder, a_stream
from builders.subscribers import NOTES, Desk, text_of
from quayside.adapters.memory import MemoryStore
from quayside.adapters.system import entropy, utc_now
from quayside.core.eventlog import (
    JOB_PREFIX,
    BroadcastSubscription,
    DocumentProjection,
    ExternalSubscription,
    RecordedEvent,
)
from quayside.core.kernel import UnavailableError, Uuid7Factory
from quayside.entrypoints.worker import PeriodicJob, Worker, at_work

SHORT_S, LONG_S = 0.1, 10.0
STREAM = a_stream()
RECORDER = OpenRecorder(utc_now, Uuid7Factory(utc_now, entropy))


@define(eq=False)
class Office:
    """Workers on one store, who write down who was told what."""

    desk: Desk = field(factory=lambda: Desk(MemoryStore(RECORDER), only_looks=True))
    told: list[tuple[str, str]] = field(factory=list)
    done: list[str] = field(factory=list)
    lease_s: float = LONG_S

    def worker(self, name: str, *errors: Exception) -> Worker[Any]:
        to_raise = [*errors]

        async def tell(recorded: RecordedEvent) -> None:
            self.told.append((name, text_of(recorded)))
            if to_raise:
                raise to_raise.pop()

        async def do() -> None:
            self.done.append(name)

        mails = ExternalSubscription(name="mails", of=NOTES, handle=tell)
        return evolve(self.busy_worker(name, do), subscriptions=[mails])

    def slow_worker(self, name: str, tell: Callable[[RecordedEvent], Awaitable[object]]) -> Worker[Any]:
        mails = ExternalSubscription(name="mails", of=NOTES, handle=tell, at_once=2)
        return self._worker(name, subscriptions=[mails])

    def busy_worker(self, name: str, do: Callable[[], Awaitable[object]]) -> Worker[Any]:
        return self._worker(name, jobs=[PeriodicJob(name="tidy", every_s=0.01, run=do)])

    def radio(self, name: str, error: BaseException | None = None) -> Worker[Any]:
        async def hear(recorded: RecordedEvent) -> None:
            self.told.append((name, text_of(recorded)))
            if error is not None:
                raise error

        return self._worker(name, subscriptions=[BroadcastSubscription(name="radio", of=NOTES, handle=hear)])

    async def sees(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not what():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.002)

    async def has_kept_its_place(self) -> None:
        newest = (await self.desk.storage.events.read_all())[-1].position
        async with asyncio.timeout(5):
            while (await self.desk.storage.subscriptions.state("mails")).position < newest:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.002)

    def texts(self) -> list[str]:
        return [text for _, text in self.told]

    def _worker(self, name: str, **work: Any) -> Worker[Any]:
        at, register = self.desk.surroundings, self.desk.storage.subscriptions
        return Worker(at=at, register=register, name=name, lease_s=self.lease_s, **work)


@pytest.fixture
def office() -> Office:
    return Office()


async def test_what_happens_is_told_once_however_many_workers_there_are(office: Office) -> None:
    async with at_work(office.worker("ada")), at_work(office.worker("bob")):
        for text in "abc":
            await office.desk.noted(STREAM, text)
        await office.sees(lambda: len(office.told) >= 3)
        await asyncio.sleep(SHORT_S)

    assert office.texts() == ["a", "b", "c"]
    assert len({name for name, _ in office.told}) == 1


async def test_when_a_worker_stops_another_goes_on(office: Office) -> None:
    office.lease_s = SHORT_S
    ada, bob = office.worker("ada"), office.worker("bob")
    async with at_work(ada):
        await office.desk.noted(STREAM, "a")
        await office.sees(lambda: office.told == [("ada", "a")])
        async with at_work(bob):
            ada.stop()
            await office.desk.noted(STREAM, "b")
            await office.sees(lambda: office.told == [("ada", "a"), ("bob", "b")])


async def test_when_a_worker_dies_another_takes_over_as_soon_as_its_lease_ends(office: Office) -> None:
    office.lease_s = SHORT_S
    # A process that is killed gives nothing back and renews nothing.
    assert await office.desk.storage.subscriptions.acquire("mails", "ada", SHORT_S)
    await office.desk.noted(STREAM, "a")

    async with at_work(office.worker("bob")):
        await office.sees(lambda: office.told == [("bob", "a")])


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_runs(office: Office) -> None:
    async with at_work(office.worker("ada")):
        await office.sees(lambda: office.done != [])

    assert [state.holder for state in await office.desk.storage.subscriptions.states()] == [None, None]


async def test_a_job_is_done_again_and_again_by_one_worker(office: Office) -> None:
    async with at_work(office.worker("ada")), at_work(office.worker("bob")):
        await office.sees(lambda: len(office.done) > 5)

    assert len(set(office.done)) == 1


async def test_a_worker_goes_on_once_what_it_needs_is_there_again(office: Office) -> None:
    async with at_work(office.worker("ada", UnavailableError("Not now."))):
        await office.desk.noted(STREAM, "a")
        await office.sees(lambda: office.texts() == ["a", "a"])


async def test_what_takes_long_is_finished_when_the_worker_stops_and_what_waited_follows_at_once(
    office: Office,
) -> None:
    async def tell(recorded: RecordedEvent) -> None:
        text = text_of(recorded)
        await asyncio.sleep(SHORT_S if text in "az" else 0)
        office.told.append(("ada", text))

    worker = office.slow_worker("ada", tell)
    async with at_work(worker):
        await office.desk.noted(STREAM, "a", "b")
        await office.desk.noted(a_stream(), "x")
        await office.sees(lambda: office.texts() == ["x", "a", "b"])
        await office.desk.noted(STREAM, "z")
        await asyncio.sleep(SHORT_S / 2)

    assert office.texts() == ["x", "a", "b", "z"]
    position = (await office.desk.storage.events.read_all())[-1].position
    assert (await office.desk.storage.subscriptions.state("mails")).position == position


async def test_a_paused_subscription_rests_until_it_is_resumed(office: Office) -> None:
    office.lease_s = SHORT_S
    register = office.desk.storage.subscriptions
    async with at_work(office.worker("ada")):
        await office.desk.noted(STREAM, "a")
        await office.sees(lambda: office.texts() == ["a"])
        await office.has_kept_its_place()  # or else it would be told of "a" once more
        await register.pause("mails")
        await asyncio.sleep(3 * SHORT_S)  # it finds out when it renews its lease
        await office.desk.noted(STREAM, "b")
        await asyncio.sleep(SHORT_S)
        assert office.texts() == ["a"]

        await register.resume("mails")
        await office.sees(lambda: office.texts() == ["a", "b"])


async def test_a_job_that_awaits_what_was_cancelled_is_done_again(office: Office) -> None:
    async def do() -> None:
        office.done.append("ada")
        if len(office.done) == 1:
            raise asyncio.CancelledError

    async with at_work(office.busy_worker("ada", do)):
        await office.sees(lambda: len(office.done) > 1)


async def test_what_hangs_is_begun_anew_when_its_subscription_was_paused_and_resumed(office: Office) -> None:
    async def tell(recorded: RecordedEvent) -> None:
        office.told.append(("ada", text_of(recorded)))
        if len(office.told) == 1:
            await asyncio.Event().wait()

    office.lease_s = SHORT_S
    register = office.desk.storage.subscriptions
    mails = ExternalSubscription(name="mails", of=NOTES, handle=tell)
    async with at_work(evolve(office.worker("ada"), subscriptions=[mails])):
        await office.desk.noted(STREAM, "a", "b")
        await office.sees(lambda: office.texts() == ["a"])
        await register.pause("mails")
        await asyncio.sleep(3 * SHORT_S)
        await register.resume("mails")
        await office.sees(lambda: office.texts() == ["a", "a", "b"])


async def test_a_handler_whose_own_task_is_cancelled_ends_no_subscription(office: Office) -> None:
    async def tell(recorded: RecordedEvent) -> None:
        office.told.append(("ada", text_of(recorded)))
        task = asyncio.current_task()
        if task is not None and text_of(recorded) == "a":
            task.cancel()
            await asyncio.sleep(0)

    async with at_work(office.slow_worker("ada", tell)):
        await office.desk.noted(STREAM, "a")
        await office.sees(lambda: office.texts() == ["a"])
        await office.desk.noted(a_stream(), "b")
        await office.sees(lambda: "b" in office.texts())


async def fail() -> None:
    raise ValueError


async def test_a_job_that_hangs_after_a_group_of_its_tasks_failed_is_begun_anew_all_the_same(
    office: Office,
) -> None:
    async def do() -> None:
        office.done.append("ada")
        if len(office.done) == 2:
            await asyncio.Event().wait()
        with suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:  # up to Python 3.12 it leaves its task as if cancelled
                group.create_task(fail())

    office.lease_s = SHORT_S
    register = office.desk.storage.subscriptions
    async with at_work(office.busy_worker("ada", do)):
        await office.sees(lambda: len(office.done) == 2)
        await register.pause(JOB_PREFIX + "tidy")
        await asyncio.sleep(3 * SHORT_S)
        await register.resume(JOB_PREFIX + "tidy")
        await office.sees(lambda: len(office.done) == 3)


async def test_what_is_in_hand_is_broken_off_when_the_lease_was_lost(office: Office) -> None:
    async def tell(recorded: RecordedEvent) -> None:
        office.told.append(("ada", text_of(recorded)))
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            office.told.append(("ada", "broken off"))
            raise

    office.lease_s = SHORT_S
    async with at_work(office.slow_worker("ada", tell)):
        await office.desk.noted(STREAM, "a")
        await office.sees(lambda: office.texts() == ["a"])
        await office.desk.storage.subscriptions.pause("mails")

        await office.sees(lambda: office.texts() == ["a", "broken off"])


@pytest.mark.parametrize("error", [ValueError("deaf"), asyncio.CancelledError()])
async def test_every_process_hears_a_broadcast_from_when_it_tuned_in(
    office: Office, error: BaseException
) -> None:
    await office.desk.noted(STREAM, "before")
    async with at_work(office.radio("ada")), at_work(office.radio("bob", error)):
        await asyncio.sleep(0.01)
        await office.desk.noted(STREAM, "a", "b")
        await office.sees(lambda: len(office.told) >= 4)

    assert sorted(office.told) == [("ada", "a"), ("ada", "b"), ("bob", "a"), ("bob", "b")]


def test_no_two_that_react_have_one_name_or_each_event_would_be_told_to_one_of_them_only(
    office: Office,
) -> None:
    worker = office.worker("ada")

    with pytest.raises(ValueError, match="two subscriptions are called 'mails'"):
        evolve(worker, subscriptions=[*worker.subscriptions, *office.worker("bob").subscriptions])
    with pytest.raises(ValueError, match="two jobs are called 'tidy'"):
        evolve(worker, jobs=[*worker.jobs, *office.worker("bob").jobs])


@pytest.mark.parametrize(("name", "is_refused"), [("tally-7", True), ("tally-7a", False), ("tally", False)])
def test_no_subscription_is_called_as_one_that_fills_a_view(
    office: Office, name: str, *, is_refused: bool
) -> None:
    tally = DocumentProjection(name="tally", fold=lambda *_: None)
    worker = office.radio("ada")
    radio = evolve(worker.subscriptions[0], name=name)

    with pytest.raises(ValueError, match="rename it") if is_refused else nullcontext():
        evolve(
            worker,
            subscriptions=[radio],
            projections=[tally],
            generations=MemoryStore(RECORDER).generations,
        )
