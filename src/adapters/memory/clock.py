"""Time that stands still until it is told to move."""

from datetime import datetime, timedelta

from attrs import define


@define(eq=False)
class ManualClock:
    """
    A ``Clock`` for tests and examples: set ``now``, or advance it.

    Args:
        now: Aware, in UTC.
    """

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        """Move by *by*; a negative one steps back, as real clocks do when they are corrected."""
        self.now += by
