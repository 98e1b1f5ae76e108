"""How whoever waits for events is woken."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from attrs import define, field

from ...core.eventlog import StreamId


@define(eq=False)
class Doorbell:
    """
    Rung when something was appended, or may have been: a hint, which may be lost or come for nothing.

    Whoever waits first notes how often it has rung, then looks for events, then waits for the next ring: what comes in
    between is not missed.
    """

    rings: int = field(default=0, init=False)
    _next: asyncio.Event = field(factory=asyncio.Event, init=False)

    def ring(self) -> None:
        """Wake all who wait."""
        self.rings += 1
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    async def appended(self, _: Mapping[StreamId, int]) -> None:
        """Ring; a store calls it after each commit by which its log has grown."""
        self.ring()

    async def wait(self, rings: int, timeout_s: float) -> None:
        """Wait until it has rung more than *rings* times, or the time is over."""
        if self.rings == rings:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._next.wait()
