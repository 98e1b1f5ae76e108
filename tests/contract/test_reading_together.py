"""What is asked for at once is read with one statement, and each who asked is answered for himself."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from attrs import define, field

from postgres_writers import CODEC, RECORDER
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.postgres.together import Together
from quayside.core.payments import PaymentId


@define(eq=False)
class Table:
    """
    Rows, whose reading takes a while.

    Args:
        rows: By their keys.
        answers: Unless it is set, reading does not end.
        error: What reading fails with.
        begun: What was asked for together, put there when its reading begins.
        given_up: The same, put there when its reading is given up.
    """

    rows: Mapping[str, Mapping[str, Any]]
    answers: asyncio.Event = field(factory=asyncio.Event)
    error: Exception | None = None
    begun: asyncio.Queue[Sequence[str]] = field(factory=asyncio.Queue)
    given_up: asyncio.Queue[Sequence[str]] = field(factory=asyncio.Queue)

    async def of_keys(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        self.begun.put_nowait(keys)
        try:
            await asyncio.sleep(0.01)
            await self.answers.wait()
        except asyncio.CancelledError:
            self.given_up.put_nowait(keys)
            raise
        if self.error:
            raise self.error
        return {key: self.rows[key] for key in keys if key in self.rows}


@pytest.fixture
def table() -> Table:
    table = Table({key: {"key": key} for key in "abc"})
    table.answers.set()
    return table


async def test_what_is_asked_for_at_once_is_read_at_once(table: Table) -> None:
    together = Together(table.of_keys)

    found = await asyncio.gather(*map(together.find, ["a", "b", "a", "z"]))

    assert found == [{"key": "a"}, {"key": "b"}, {"key": "a"}, None]
    assert table.begun.get_nowait() == ["a", "b", "a", "z"]
    assert table.begun.empty()


async def test_nobody_waits_for_what_is_being_read(table: Table) -> None:
    together = Together(table.of_keys)
    table.answers.clear()
    first = asyncio.create_task(together.find("a"))
    await table.begun.get()

    second = asyncio.create_task(together.find("a"))
    await asyncio.wait_for(table.begun.get(), 5)

    assert not first.done()
    table.answers.set()
    assert await first == await second == {"key": "a"}


async def test_whoever_gives_up_keeps_nobody_from_an_answer(table: Table) -> None:
    together = Together(table.of_keys)
    asking = [asyncio.create_task(together.find(key)) for key in "abc"]
    await table.begun.get()

    asking[0].cancel()

    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1:] == [{"key": "b"}, {"key": "c"}]


async def test_what_nobody_waits_for_any_more_is_no_longer_read(table: Table) -> None:
    together = Together(table.of_keys)
    asking = [asyncio.create_task(together.find(key)) for key in "ab"]
    await table.begun.get()

    for each in asking:
        each.cancel()

    assert await asyncio.wait_for(table.given_up.get(), 1) == ["a", "b"]
    assert await together.find("c") == {"key": "c"}


async def test_what_nobody_waits_for_when_its_turn_comes_is_not_read(table: Table) -> None:
    together = Together(table.of_keys)
    asking = asyncio.create_task(together.find("a"))
    asyncio.get_running_loop().call_soon(asking.cancel)  # between its asking and its turn

    with pytest.raises(asyncio.CancelledError):
        await asking

    assert await together.find("b") == {"key": "b"}
    assert table.begun.get_nowait() == ["b"]


async def test_where_reading_fails_each_is_told_and_the_next_reads_anew(table: Table) -> None:
    together = Together(table.of_keys)
    table.error = ConnectionError("away")

    failed = await asyncio.gather(*map(together.find, "ab"), return_exceptions=True)
    table.error = None

    assert [str(error) for error in failed] == ["away", "away"]
    assert await together.find("a") == {"key": "a"}


async def test_a_payment_that_nobody_waits_for_any_more_holds_no_connection(migrated_database: str) -> None:
    async with (
        PostgresDatabase(
            migrated_database, CODEC, RECORDER, min_connections=1, max_connections=1
        ) as database,
        PostgresDatabase(migrated_database, CODEC, RECORDER) as other,
        other.read() as connection,
        connection.transaction(),
        asyncio.timeout(5),
    ):
        await connection.execute("LOCK TABLE payment")
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await database.payments.get(PaymentId(uuid4()))

        await database.ping()
