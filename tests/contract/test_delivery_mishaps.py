"""What a subscription withstands, on every store: handlers that fail oddly, clocks that go wrong."""

from asyncio import CancelledError, TaskGroup
from contextlib import suppress
from datetime import timedelta

import pytest
from attrs import evolve

from builders.events import a_stream
from builders.subscribers import TRIED_AGAIN_AFTER, Desk
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import LeaseLostError

Storage = MemoryStore | PostgresDatabase


@pytest.mark.parametrize("only_looks", [False, True])
async def test_an_event_whose_handler_awaits_what_was_cancelled_fails_as_any_other(
    storage: Storage, *, only_looks: bool
) -> None:
    desk = Desk(storage, only_looks)
    desk.copyist = evolve(desk.copyist, illegible={"a"}, error=CancelledError())
    await desk.noted(a_stream(), "a", "b")
    await desk.noted(a_stream(), "x")

    await desk.works()

    [due] = await desk.storage.deferred_events.due("copies", desk.now + TRIED_AGAIN_AFTER)
    assert (due.failures, due.error) == (
        1,
        "HandlerCancelledError: internal_error: What it waited for was cancelled.",
    )
    assert await desk.deferred() == (2, 0)
    assert "x" in desk.copyist.looked_at


async def fail() -> None:
    raise ValueError


async def test_a_group_of_tasks_that_failed_in_a_handler_makes_no_later_cancellation_the_subscriptions_own(
    storage: Storage,
) -> None:
    desk = Desk(storage)
    desk.copyist = evolve(desk.copyist, illegible={"a"}, error=CancelledError())
    await desk.noted(a_stream(), "a")
    with suppress(ExceptionGroup):
        async with TaskGroup() as group:  # up to Python 3.12 it leaves its task as if cancelled
            group.create_task(fail())

    await desk.works()

    assert await desk.deferred() == (1, 0)


@pytest.mark.parametrize("only_looks", [False, True])
async def test_a_clock_that_is_set_back_stops_neither_attempts_nor_the_checkpoint(
    storage: Storage, *, only_looks: bool
) -> None:
    desk = Desk(storage, only_looks)
    desk.copyist.illegible = {"a", "b"}
    await desk.noted(a_stream(), "a")
    delivery = desk.delivery(await desk.lease())
    await delivery.step()
    await delivery.step()
    desk.now -= timedelta(hours=1)

    await desk.noted(a_stream(), "b")
    await delivery.step()
    await delivery.step()
    desk.copyist.illegible = set()
    desk.now += TRIED_AGAIN_AFTER
    await delivery.step()
    await delivery.step()
    desk.now -= timedelta(hours=1)
    await desk.noted(a_stream("rumour"), "r")
    await delivery.step()

    assert desk.copyist.looked_at.count("b") == 2
    assert await desk.position() == (await desk.storage.events.read_all())[-1].position


class SpeechlessError(Exception):
    """Cannot even tell what it is."""

    def __str__(self) -> str:
        raise self


async def test_an_event_that_fails_for_reasons_nobody_can_tell_is_put_off_as_any_other(
    storage: Storage,
) -> None:
    desk = Desk(storage)
    desk.copyist = evolve(desk.copyist, illegible={"a"}, error=SpeechlessError())
    await desk.noted(a_stream(), "a")

    await desk.works()

    [due] = await desk.storage.deferred_events.due("copies", desk.now + TRIED_AGAIN_AFTER)
    assert (due.failures, due.error) == (1, "SpeechlessError")


@pytest.mark.parametrize("only_looks", [False, True])
async def test_an_event_whose_handler_lost_a_lease_of_its_own_fails_as_any_other(
    storage: Storage, *, only_looks: bool
) -> None:
    desk = Desk(storage, only_looks)
    desk.copyist = evolve(desk.copyist, illegible={"a"}, error=LeaseLostError("something else"))
    await desk.noted(a_stream(), "a")
    await desk.noted(a_stream(), "x")

    await desk.works()

    assert await desk.deferred() == (1, 0)
    assert "x" in desk.copyist.looked_at
