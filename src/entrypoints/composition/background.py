"""Work that nobody waits for."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from attrs import define, field

from ...core.resilience import waited_for_until

_MOST = 1_000
_LAST_CALL_S = 10.0

_log = structlog.get_logger()


@define(eq=False)
class Background:
    """
    Runs what was begun by a request whose answer must not wait for it, nor tell by its time what was done.

    It is bounded: what comes while a thousand are under way is dropped and logged, as if its answer had been lost.
    """

    _under_way: set[asyncio.Task[Any]] = field(factory=set, init=False)

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin *work*; what it raises is logged."""
        if len(self._under_way) >= _MOST:
            work.close()
            _log.error("background work dropped", under_way=len(self._under_way))
            return
        task = asyncio.create_task(_logged(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def finish(self) -> None:
        """Wait for what is under way, ten seconds at most; give up the rest."""
        if self._under_way:
            _, left = await asyncio.wait(self._under_way, timeout=_LAST_CALL_S)
            for task in left:
                task.cancel()


@asynccontextmanager
async def background() -> AsyncIterator[Background]:
    """Background work that is finished at the end."""
    works = Background()
    try:
        yield works
    finally:
        await works.finish()


async def _logged(work: Coroutine[Any, Any, Any]) -> None:
    try:
        with waited_for_until(None):
            await work
    except Exception:  # noqa: BLE001 - nobody waits for it, so nobody else would tell
        _log.exception("background work failed")
