"""How far subscriptions are behind (`TellStandings`), on every store."""

from datetime import timedelta

from builders.events import a_stream, notes
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import Standing, TellStandings

Storage = MemoryStore | PostgresDatabase

WAITED = timedelta(seconds=90)


async def standings(storage: Storage) -> dict[str, Standing]:
    """As of a minute and a half after what was noted."""
    [note] = notes("the time")
    tell = TellStandings(storage.subscriptions, storage.follower, lambda: note.occurred_at + WAITED)
    return {standing.state.name: standing for standing in await tell()}


async def appended(storage: Storage, count: int) -> int:
    """Where the log ends then."""
    async with storage.begin() as tx:
        await tx.events.append(a_stream(), notes(*"abcdefgh"[:count]), None)
    return await storage.follower.newest()


async def at(storage: Storage, name: str, position: int) -> None:
    lease = await storage.subscriptions.acquire(name, "a worker", 60)
    assert lease is not None
    async with storage.begin() as tx:
        await tx.checkpoints.move(lease, position)


async def test_whoever_has_passed_everything_is_not_behind(storage: Storage) -> None:
    await at(storage, "mails", await appended(storage, 2))

    standing = (await standings(storage))["mails"]

    assert (standing.lag_events, standing.lag_s) == (0, 0)


async def test_whoever_has_not_is_behind_since_the_first_event_that_waits(storage: Storage) -> None:
    end = await appended(storage, 3)
    await at(storage, "mails", end - 2)
    await at(storage, "audit", end)

    found = await standings(storage)

    assert (found["mails"].lag_events, found["mails"].lag_s) == (2, WAITED.total_seconds())
    assert found["audit"].lag_events == 0


async def test_a_job_is_never_behind(storage: Storage) -> None:
    await appended(storage, 1)
    await storage.subscriptions.acquire("job-tidy", "a worker", 60)

    found = (await standings(storage))["job-tidy"]

    assert (found.state.is_job, found.lag_events, found.lag_s) == (True, 0, 0)
