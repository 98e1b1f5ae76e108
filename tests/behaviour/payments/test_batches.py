"""Many payments, a few at once."""

import asyncio
from collections.abc import Awaitable, Callable

from attrs import Factory, define

from quayside.core.payments import BatchTime, BatchTimeoutError, ProcessBatch


@define
class Work:
    """Does what it is asked, step by step, and remembers how much was under way."""

    under_way: int = 0
    most: int = 0
    begun: list[int] = Factory(list)

    async def __call__(self, item: int) -> str:
        self.begun.append(item)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            for _ in range(10 - item % 10):  # the later one is, the sooner it is done
                await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        return f"done {item}"


async def outcomes(
    batch: ProcessBatch, count: int, work: Callable[[int], Awaitable[str]], time: BatchTime | None = None
) -> list[str | Exception]:
    return [outcome async for outcome in batch(range(count), work, time)]


async def test_results_come_in_order_and_twenty_at_most_are_under_way() -> None:
    work = Work()

    found = await outcomes(ProcessBatch(), 65, work)

    assert found == [f"done {item}" for item in range(65)]
    assert work.begun == list(range(65))
    assert (work.most, work.under_way) == (20, 0)


async def test_what_one_raises_is_its_result_alone() -> None:
    async def work(item: int) -> str:
        await asyncio.sleep(0)
        if item == 1:
            raise ValueError("bad")
        return f"done {item}"

    first, bad, last = await outcomes(ProcessBatch(), 3, work)

    assert (first, last) == ("done 0", "done 2")
    assert isinstance(bad, ValueError)


async def test_what_was_not_begun_in_time_is_not_begun_any_more_and_what_was_may_end() -> None:
    async def work(item: int) -> str:
        await asyncio.sleep(0.3)
        return f"done {item}"

    one, *others = await outcomes(ProcessBatch(at_once=1), 3, work, BatchTime(begins_for_s=0.2))

    assert one == "done 0"
    assert [isinstance(each, BatchTimeoutError) and "before" in each.message for each in others] == [True] * 2


async def test_what_does_not_end_in_time_is_given_up() -> None:
    given_up = []

    async def work(item: int) -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.append(item)
            raise
        return "never"

    (found,) = await outcomes(ProcessBatch(), 1, work, BatchTime(lasts_s=0.1))

    assert isinstance(found, BatchTimeoutError)
    assert "begun" in found.message
    assert given_up == [0]


async def test_no_more_is_kept_than_was_said_while_the_first_is_slow() -> None:
    first = asyncio.Event()
    begun = []

    async def work(item: int) -> str:
        begun.append(item)
        if item == 0:
            await first.wait()
        return f"done {item}"

    batch = ProcessBatch(ahead=5)(iter(range(100)), work)
    waiting = asyncio.ensure_future(anext(batch))
    for _ in range(50):
        await asyncio.sleep(0)

    assert begun == [0, 1, 2, 3, 4]
    first.set()
    assert await waiting == "done 0"
    await batch.aclose()


async def test_who_stops_listening_ends_it() -> None:
    work = Work()
    batch = ProcessBatch()(range(100), work)

    assert await anext(batch) == "done 0"
    await batch.aclose()

    assert work.under_way == 0
    assert len(work.begun) < 100
