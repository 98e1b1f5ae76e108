"""Readers that share a follower of the log in PostgreSQL: what one finds out misleads no other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from attrs import define

from postgres_writers import CODEC, RECORDER, committed, drawn, session, texts, what_follows
from quayside.adapters.postgres import PostgresDatabase, PostgresLogFollower
from quayside.adapters.postgres.connection import Connection


@pytest.fixture
async def database(emptied_database: str) -> AsyncIterator[PostgresDatabase]:
    async with PostgresDatabase(emptied_database, CODEC, RECORDER) as database:
        yield database


@define
class Interruptions:
    """
    Lends connections for one statement each, and lets something happen once that was answered.

    Args:
        after: What happens, by the statement's number.
    """

    database: PostgresDatabase
    after: dict[int, Callable[[], Awaitable[object]]]
    answered: int = 0

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Connection]:
        async with self.database.read() as connection:
            yield connection
        self.answered += 1
        if happens := self.after.pop(self.answered, None):
            await happens()


async def behind_a_gap(database: PostgresDatabase, emptied_database: str, text: str) -> None:
    """Commit *text*, before which a position will never be filled."""
    async with session(emptied_database) as writer:
        await drawn(writer, "never")
        await writer.rollback()
    await committed(database, text)


async def test_what_others_settle_says_nothing_of_what_was_read_before(
    emptied_database: str, database: PostgresDatabase
) -> None:
    async with session(emptied_database) as writer:

        async def others_settle() -> None:
            await writer.commit()
            await follower.read(after_position=0)

        follower = PostgresLogFollower(Interruptions(database, {1: others_settle}).lend, CODEC)
        await drawn(writer, "slow")
        await behind_a_gap(database, emptied_database, "behind")

        assert await what_follows(follower, 0) == (["slow", "behind"], False)


async def test_what_others_settle_says_nothing_of_what_was_read_once_more(
    emptied_database: str, database: PostgresDatabase
) -> None:
    async with session(emptied_database) as writer:

        async def writers_go_on() -> None:
            await drawn(writer, "slow")
            await behind_a_gap(database, emptied_database, "behind")

        async def others_settle() -> None:
            await writer.commit()
            await follower.read(after_position=0)

        look, read_again = 2, 3
        interruptions = Interruptions(database, {look: writers_go_on, read_again: others_settle})
        follower = PostgresLogFollower(interruptions.lend, CODEC)
        await behind_a_gap(database, emptied_database, "before")

        stretch = await follower.read(after_position=0)

    assert texts(stretch) == ["before"]
    assert await what_follows(follower, stretch.position) == (["slow", "behind"], False)


async def test_a_look_that_is_older_than_anothers_settles_nothing(
    emptied_database: str, database: PostgresDatabase
) -> None:
    others: list[asyncio.Task[object]] = []
    async with session(emptied_database) as writer:

        async def others_look() -> None:
            await drawn(writer, "slow")
            await committed(database, "behind")
            others.append(asyncio.create_task(follower.read(after_position=0)))
            await asyncio.wait(others, timeout=0.2)

        look = 2
        follower = PostgresLogFollower(Interruptions(database, {look: others_look}).lend, CODEC)
        await behind_a_gap(database, emptied_database, "before")

        stretch = await follower.read(after_position=0)
        await asyncio.gather(*others)
        ahead = await what_follows(follower, stretch.position)
        await writer.commit()

    assert (texts(stretch), ahead) == (["before"], ([], True))
    assert await what_follows(follower, stretch.position) == (["slow", "behind"], False)
