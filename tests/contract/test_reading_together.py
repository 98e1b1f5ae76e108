"""What is asked for at once is read with one statement, and each who asked is answered for himself."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from attrs import define, field

from quayside.adapters.postgres.together import Together


@define(eq=False)
class Table:
    """
    Rows, whose reading takes a while.

    Args:
        rows: By their keys.
        error: What reading fails with.
        begun: What was asked for together, put there when its reading begins.
    """

    rows: Mapping[str, Mapping[str, Any]]
    error: Exception | None = None
    begun: asyncio.Queue[Sequence[str]] = field(factory=asyncio.Queue)

    async def of_keys(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        self.begun.put_nowait(keys)
        await asyncio.sleep(0.01)
        if self.error:
            raise self.error
        return {key: self.rows[key] for key in keys if key in self.rows}


@pytest.fixture
def table() -> Table:
    return Table({key: {"key": key} for key in "abc"})


async def test_what_is_asked_for_at_once_is_read_at_once(table: Table) -> None:
    together = Together(table.of_keys)

    found = await asyncio.gather(*map(together.find, ["a", "b", "a", "z"]))

    assert found == [{"key": "a"}, {"key": "b"}, {"key": "a"}, None]
    assert table.begun.get_nowait() == ["a", "b", "a", "z"]
    assert table.begun.empty()


async def test_nobody_waits_for_what_is_being_read(table: Table) -> None:
    together = Together(table.of_keys)
    first = asyncio.create_task(together.find("a"))
    await table.begun.get()

    second = asyncio.create_task(together.find("a"))
    await table.begun.get()

    assert not first.done()
    assert await first == await second == {"key": "a"}


async def test_whoever_gives_up_keeps_nobody_from_an_answer(table: Table) -> None:
    together = Together(table.of_keys)
    asking = [asyncio.create_task(together.find(key)) for key in "abc"]
    await table.begun.get()

    asking[0].cancel()

    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1:] == [{"key": "b"}, {"key": "c"}]


async def test_where_reading_fails_each_is_told_and_the_next_reads_anew(table: Table) -> None:
    together = Together(table.of_keys)
    table.error = ConnectionError("away")

    failed = await asyncio.gather(*map(together.find, "ab"), return_exceptions=True)
    table.error = None

    assert [str(error) for error in failed] == ["away", "away"]
    assert await together.find("a") == {"key": "a"}
