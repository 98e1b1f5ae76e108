"""What is done every so often, by one process at a time."""

from collections.abc import Awaitable, Callable

from attrs import define, frozen

from ...core.eventlog import cancellation_as_error
from .running import LeasedWork
from .tenure import Tenure


@frozen(kw_only=True)
class PeriodicJob:
    """
    Args:
        name: Unique; its lease is kept beside those of subscriptions, under ``job-`` and this.
        every_s: The pause after each time, in seconds.
        run: Does it. Done twice, or only in part, it must do no harm.
    """

    name: str
    every_s: float
    run: Callable[[], Awaitable[object]]


@define(eq=False)
class LeasedJob(LeasedWork):
    """One job, while this process has its lease."""

    _job: PeriodicJob

    async def work(self, held: Tenure) -> None:
        """Do it, and again after a while, until the tenure is over, or the process is told to stop."""
        while not self.has_to_end(held):
            with cancellation_as_error():
                await self._job.run()
            self.went_well()
            await self.pause(self._job.every_s)
