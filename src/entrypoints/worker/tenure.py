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
    """

    lease: Lease
    _register: SubscriptionRegister
    _for_s: float
    _is_over: bool = field(default=False, init=False)

    @property
    def is_over(self) -> bool:
        """Whether it was lost, or may have been."""
        return self._is_over

    async def renew(self) -> None:
        """Renew it until it is lost, or was not renewed for so long that somebody else may have it."""
        clock = asyncio.get_running_loop().time
        runs_out_at = clock() + self._for_s
        while clock() < runs_out_at:
            await asyncio.sleep(self._for_s / 3)
            asked_at = clock()
            try:
                await self._register.renew(self.lease, self._for_s)
            except LeaseLostError:
                break
            except QuaysideError:
                continue  # the database is away; perhaps not for long
            runs_out_at = asked_at + self._for_s
        self._is_over = True


@asynccontextmanager
async def tenure(register: SubscriptionRegister, lease: Lease, for_s: float) -> AsyncIterator[Tenure]:
    """Renew *lease* for as long as the work goes on, then give it back."""
    held = Tenure(lease, register, for_s)
    renewal = asyncio.create_task(held.renew())
    try:
        yield held
    finally:
        renewal.cancel()
        with suppress(asyncio.CancelledError):
            await renewal
        with suppress(QuaysideError):  # then it runs out
            await register.release(lease)
