"""Holding a lease while there is work, in a process that may be told to stop, or hang."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from attrs import define, field

from ...core.eventlog import Lease, LeaseLostError, SubscriptionRegister
from ...core.kernel import QuaysideError


@define(eq=False)
class Tenure:
    """
    A lease for as long as this process renews it in time.

    Args:
        for_s: How long the lease runs without being renewed; it is renewed three times as often.
        runs_out_at: When it does so, at the earliest; by the clock of the event loop.
    """

    lease: Lease
    _register: SubscriptionRegister
    _for_s: float
    _runs_out_at: float
    _is_lost: bool = field(default=False, init=False)

    @property
    def is_over(self) -> bool:
        """Whether it was lost, or may have been, because this process hung, or the renewal does."""
        return self._is_lost or now_s() >= self._runs_out_at

    async def renew(self) -> None:
        """Renew it until it is lost; it may have run out without anybody else taking it."""
        while not self._is_lost:
            await asyncio.sleep(self._for_s / 3)
            asked_at = now_s()
            try:
                await self._register.renew(self.lease, self._for_s)
            except LeaseLostError:
                self._is_lost = True
            except QuaysideError:
                continue  # the database is away; perhaps not for long
            else:
                self._runs_out_at = asked_at + self._for_s


@asynccontextmanager
async def tenure(
    register: SubscriptionRegister, lease: Lease, for_s: float, *, asked_at: float
) -> AsyncIterator[Tenure]:
    """
    Renew *lease* for as long as the work goes on, then give it back.

    Work that goes on for as long again after the lease was lost is broken off: it may hang, and can no longer be ended.

    Args:
        asked_at: When it was asked for, by the clock of the event loop.

    Raises:
        LeaseLostError: the work was broken off.
    """
    held = Tenure(lease, register, for_s, asked_at + for_s)
    renewal = asyncio.create_task(held.renew())
    try:
        async with _broken_off(held, renewal, for_s):
            yield held
    finally:
        renewal.cancel()
        try:
            await asyncio.wait(
                [renewal]
            )  # not the task itself: who cancels this one meanwhile must not go unheard
        finally:
            with suppress(QuaysideError):  # then it runs out
                await register.release(lease)


@asynccontextmanager
async def _broken_off(held: Tenure, renewal: asyncio.Task[None], after_s: float) -> AsyncIterator[None]:
    patience = asyncio.timeout(None)

    def lose_patience(_: asyncio.Task[None]) -> None:
        with suppress(RuntimeError):  # the work has ended
            patience.reschedule(now_s() + after_s)

    try:
        async with patience:
            renewal.add_done_callback(lose_patience)
            yield
    except TimeoutError as error:
        if patience.expired():
            raise LeaseLostError(held.lease.name) from error
        raise


def now_s() -> float:
    """The time on the clock of the event loop, in seconds."""
    return asyncio.get_running_loop().time()
