"""An earlier state of the database takes the place of the present one, beneath those who are following its log."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from builders.events import a_stream
from builders.subscribers import Desk, text_of
from postgres_writers import CODEC, RECORDER
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import BroadcastSubscription, LeaseLostError, RecordedEvent, Subscription
from quayside.entrypoints.worker import Worker, at_work


@pytest.fixture
async def desk(emptied_database: str) -> AsyncIterator[Desk]:
    """Has copied what was noted until now."""
    async with PostgresDatabase(emptied_database, CODEC, RECORDER) as database:
        desk = Desk(database)
        await desk.noted(a_stream(), "kept")
        await desk.works()
        yield desk


async def set_back(desk: Desk, position: int) -> None:
    """Have everything after *position* never have been, as after a fail-over to a replica that was behind."""
    assert isinstance(desk.storage, PostgresDatabase)
    async with desk.storage.read() as connection:
        for statement in (
            "DELETE FROM events WHERE global_position > %s",
            "UPDATE subscription SET position = %s",
            "SELECT setval(pg_get_serial_sequence('events', 'global_position'), %s)",
        ):
            await connection.execute(statement, (position,))


async def has_copied(desk: Desk, *texts: str) -> None:
    """Have *texts* noted, and wait until they are copied."""
    stream = a_stream()
    await desk.noted(stream, *texts)
    async with asyncio.timeout(10):
        while await desk.copied(stream) != [*texts]:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_who_waits_at_an_end_that_is_no_more_goes_on_from_where_the_log_ends_now(desk: Desk) -> None:
    position, heard = await desk.position(), list[str]()

    async def hear(recorded: RecordedEvent) -> None:
        heard.append(text_of(recorded))

    worker = Worker(
        at=desk.surroundings,
        register=desk.storage.subscriptions,
        subscriptions=[
            Subscription(name=desk.name, of=desk.of, handle=desk.copyist.copy),
            BroadcastSubscription(name="radio", of=desk.of, handle=hear),
        ],
    )
    async with at_work(worker):
        await has_copied(desk, *["lost"] * 100)
        was_as_far_as = await desk.storage.follower.newest()

        await set_back(desk, position)
        await asyncio.sleep(1.1)  # so long they may wait
        await has_copied(desk, "new")
        async with asyncio.timeout(10):
            while "new" not in heard:
                await asyncio.sleep(0.1)
                await desk.noted(a_stream(), "new")

    assert await desk.storage.follower.newest() < was_as_far_as


async def test_who_was_further_than_the_log_is_said_to_be_begins_anew_however_long_it_is_again(
    desk: Desk,
) -> None:
    position, lease, stream = await desk.position(), await desk.lease(), a_stream()
    delivery = desk.delivery(lease)
    await desk.noted(a_stream(), "lost")
    await delivery.step()

    await set_back(desk, position)
    await desk.noted(stream, "new", "and", "more")
    with pytest.raises(LeaseLostError):
        await delivery.step()
    await desk.storage.subscriptions.release(lease)
    await desk.works()

    assert await desk.copied(stream) == ["new", "and", "more"]
