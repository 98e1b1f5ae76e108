"""Many payments, a few at once."""

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from math import inf
from typing import TYPE_CHECKING, TypeVar

from attrs import frozen

from ...resilience import asking_in
from ..errors import BatchTimeoutError

if TYPE_CHECKING:
    from asyncio import Task

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


@frozen
class BatchTime:
    """
    How long a batch may take.

    Args:
        begins_for_s: After that, nothing is begun any more, so that what is under way can end; in seconds.
        lasts_s: After that, what is still under way is given up; in seconds.
    """

    begins_for_s: float = inf
    lasts_s: float = inf


@frozen
class ProcessBatch:
    """
    Take many payments, a few at once: in order, and so that none hurts another.

    More are under way than ask the gateway, so that it is kept busy while others are written down.

    Args:
        at_once: How many are under way at the same time, at most.
        asking: How many calls outside are under way at the same time, at most.
        ahead: How many are begun or done, at most, while one before them is not: what is kept in memory.
    """

    at_once: int = 20
    asking: int = 10
    ahead: int = 1_000

    async def __call__(
        self,
        items: Iterable[Item],
        take: Callable[[Item], Awaitable[Outcome]],
        within: BatchTime | None = None,
    ) -> AsyncGenerator[Outcome | Exception, None]:
        """
        What becomes of each of *items*, in their order: what *take* gives, or raises.

        `BatchTimeoutError` is what becomes of one that the time was up for. Whoever stops listening ends the batch:
        what is under way is given up.
        """
        # Here, because asyncio takes longer to import than all of this context does.
        from asyncio import create_task, gather, get_running_loop  # noqa: PLC0415

        turn = _Turn(self, within or BatchTime(), get_running_loop().time)
        under_way: deque[Task[Outcome | Exception]] = deque()
        try:
            for item in items:
                if len(under_way) >= self.ahead:
                    yield await under_way.popleft()
                under_way.append(create_task(turn.taken(item, take)))
            while under_way:
                yield await under_way.popleft()
        finally:
            for task in under_way:
                task.cancel()
            await gather(*under_way, return_exceptions=True)


class _Turn:
    """Lets so many at a time have their turn, as long as there is time."""

    def __init__(self, batch: ProcessBatch, within: BatchTime, now: Callable[[], float]) -> None:
        from asyncio import Semaphore  # noqa: PLC0415

        self._free, self._asking = Semaphore(batch.at_once), Semaphore(batch.asking)
        self._now = now
        self._begins_until = now() + within.begins_for_s
        self._ends_at = now() + within.lasts_s

    async def taken(self, item: Item, take: Callable[[Item], Awaitable[Outcome]]) -> Outcome | Exception:
        from asyncio import timeout_at  # noqa: PLC0415

        async with self._free:
            if self._now() >= self._begins_until:
                return BatchTimeoutError(was_begun=False)
            limit = timeout_at(self._ends_at if self._ends_at < inf else None)
            try:
                async with limit:
                    with asking_in(self._asking):
                        return await take(item)
            except Exception as error:  # noqa: BLE001 - it is this item's alone
                return BatchTimeoutError(was_begun=True) if limit.expired() else error
