"""What checkpoints tell of a delivery that is at work, or came to an unknown end (`core.eventlog`)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from builders.events import a_stream
from builders.subscribers import TRIED_AGAIN_AFTER, Desk
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import Subscription, TransactionalDelivery
from quayside.core.kernel import OutcomeUnknownError

Storage = MemoryStore | PostgresDatabase


@pytest.mark.parametrize("is_committed", [True, False])
async def test_where_the_answer_to_a_commit_is_lost_the_checkpoint_tells_what_is_left(
    storage: Storage, *, is_committed: bool
) -> None:
    desk = Desk(storage)

    @asynccontextmanager
    async def begin() -> AsyncIterator[Any]:
        async with desk.storage.begin() as tx:
            yield tx
            if not is_committed:
                raise OutcomeUnknownError("The answer was lost.")
        raise OutcomeUnknownError("The answer was lost.")

    stream, lease = a_stream(), await desk.lease()
    copying = Subscription(name="copies", of=desk.of, handle=desk.copyist.copy)
    await desk.noted(stream, "a")

    with pytest.raises(OutcomeUnknownError):
        await TransactionalDelivery(copying, lease, evolve(desk.surroundings, begin=begin)).step()

    await desk.storage.subscriptions.release(lease)
    desk.now += TRIED_AGAIN_AFTER
    await desk.works()
    assert await desk.copied(stream) == ["a"]


@pytest.mark.parametrize("only_looks", [False, True])
async def test_what_is_not_wanted_is_told_as_passed_by_whoever_is_at_work(
    storage: Storage, *, only_looks: bool
) -> None:
    desk = Desk(storage, only_looks)
    delivery = desk.delivery(await desk.lease())
    await desk.noted(a_stream("rumour"), "a", "b")

    await delivery.step()
    desk.now += timedelta(seconds=1)
    await delivery.step()

    assert await desk.position() == await storage.follower.newest() > 0
