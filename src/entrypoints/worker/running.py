"""What is done under a lease, again and again, until the process is told to stop."""

import asyncio
import random
from abc import ABC, abstractmethod
from contextlib import suppress

from attrs import define, field

from ...core.eventlog import LeaseLostError, SubscriptionObserver, SubscriptionRegister
from ...core.kernel import Backoff
from .tenure import Tenure, now_s, tenure


@define(eq=False)
class LeasedWork(ABC):
    """
    Work that one process at a time does.

    Args:
        name: Of its lease.
        holder: This process.
        lease_s: How soon another process takes over when this one dies, in seconds; it looks five times as often.
        stop: Set when it is to end.
        backoff: The waits after what no event is to blame for.
    """

    name: str
    _register: SubscriptionRegister
    _observer: SubscriptionObserver
    _holder: str
    _lease_s: float
    _stop: asyncio.Event
    _backoff: Backoff = field(default=Backoff(first_s=0.1, most_s=10), init=False)
    _failures: int = field(default=0, init=False)

    async def run(self) -> None:
        """Ask for the lease, do the work as long as it lasts, and again; until told to stop."""
        while not self._stop.is_set():
            try:
                await self._serve_a_tenure()
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the work for good
                if not (isinstance(error, LeaseLostError) and error.is_of(self.name)):
                    await self._wait_after(error)

    @abstractmethod
    async def work(self, held: Tenure) -> None:
        """Do it until the tenure is over, or the process is told to stop."""

    def has_to_end(self, held: Tenure) -> bool:
        """Whether to leave the rest to whoever comes next."""
        return held.is_over or self._stop.is_set()

    def went_well(self) -> None:
        """Forget earlier failures."""
        self._failures = 0

    async def _wait_after(self, error: Exception) -> None:
        self._failures += 1
        wait_s = self._backoff.delay_s(self._failures, random.random())  # noqa: S311 - no secret
        self._observer.stalled(self.name, error, wait_s)
        await self.pause(wait_s)

    async def _serve_a_tenure(self) -> None:
        asked_at = now_s()
        lease = await self._register.acquire(self.name, self._holder, self._lease_s)
        if lease is None:
            await self.pause(self._lease_s / 5)
            return
        self._observer.leased(self.name, lease.token)
        try:
            async with tenure(self._register, lease, self._lease_s, asked_at=asked_at) as held:
                await self.work(held)
        finally:
            self._observer.ended(self.name)

    async def pause(self, seconds: float) -> None:
        """Wait, but not longer than until the process is told to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()
