"""Following the log: every event once, in the order of the whole log, while many writers commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from ..kernel import UnavailableError
from .envelope import RecordedEvent
from .subscriptions import EVERYTHING, EventFilter


@frozen
class Stretch:
    """
    A part of the log in which nothing changes any more.

    Args:
        events: Those of it that were wanted, in order.
        position: Where it ends: every position up to here was delivered, filtered out, or will never be filled.
        gap_age_s: How long those transactions have been waited for which may still fill the next position, though
            later ones are filled already; None if it is not that which ends the stretch.
    """

    events: Sequence[RecordedEvent]
    position: int
    gap_age_s: float | None = None

    @property
    def gap(self) -> bool:
        """Whether it ends before a position that a transaction under way may still fill."""
        return self.gap_age_s is not None


class LogSetBackError(UnavailableError):
    """The log ends before what was read of it: an earlier state of the database was put in its place."""

    def __init__(self, position: int) -> None:
        super().__init__("The log ends before this position.", position=position)


class LogFollower(Protocol):
    """
    Reads on from a checkpoint without loss. Contract: tests/contract/test_log_follower.py.

    Positions are drawn while events are appended, so a transaction that commits late fills one that lies before what
    others have committed. A follower never passes such a position before that transaction has ended, however long
    that takes; it waits for nobody else, and for nobody when there is no gap. One follower serves any number of
    subscribers, each at a position of its own.
    """

    async def read(self, *, after_position: int, limit: int = 500, of: EventFilter = EVERYTHING) -> Stretch:
        """
        What follows on *after_position*, as far as it is settled; empty at the end of the log and before a gap.

        Does not wait: at a gap, read again later. What commits from now on has a position after that of the stretch.
        What is no valid event is a `MalformedEvent`: reading goes on.

        Args:
            limit: How many events are looked at, wanted or not.

        Raises:
            LogSetBackError: *after_position* comes after the end of the log.
        """
        ...

    async def newest(self) -> int:
        """The position of the newest event, 0 before the first: to learn, at little cost, whether the log has grown."""
        ...

    async def next_since(self, position: int) -> datetime | None:
        """When the first event after *position* happened, whether it can be read or not; None if there is none."""
        ...

    async def end(self) -> int:
        """
        A position near the end of the log such that whatever commits from now on comes after it.

        Waits for the transactions under way that may have drawn an earlier one, so it is not for use inside one that
        has appended.
        """
        ...
