"""Events that a subscriber could not handle, and those that wait behind them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from attrs import evolve, field, frozen

from ..kernel import Backoff, NotFoundError
from .envelope import RecordedEvent
from .events import StreamId
from .leases import Lease


class DeferredEventNotFoundError(NotFoundError):
    """No such event is parked; it may wait, or be about to be tried again."""

    def __init__(self, name: str, position: int) -> None:
        super().__init__("No such event is parked.", subscription=name, position=position)


@frozen(kw_only=True)
class DeferredEvent:
    """
    An event that a subscription has put off.

    The first one of its stream is the one that failed; those after it wait, so that the stream is handled in order.
    Other streams go on.

    Args:
        subscription: Whose.
        position: The event's, in the log.
        stream: The event's.
        failures: Attempts so far; 0 while it waits behind another.
        error: What the last attempt raised.
        due_at: When to try again; None while it waits, or is parked.
        parked_at: When it was given up until an operator intervenes.
    """

    subscription: str
    position: int
    stream: StreamId
    failures: int = 0
    error: str | None = None
    due_at: datetime | None = None
    parked_at: datetime | None = None

    @classmethod
    def waiting(cls, subscription: str, recorded: RecordedEvent) -> "DeferredEvent":
        """*recorded*, which waits behind one of its stream."""
        return cls(subscription=subscription, position=recorded.position, stream=recorded.stream)


@frozen
class RetryTerms:
    """
    How often to try, and when.

    Args:
        most_attempts: After so many failures an event is parked.
        backoff: The waits in between.
    """

    most_attempts: int = 8
    backoff: Backoff = field(default=Backoff(first_s=0.5, most_s=60))

    def after_failure(
        self, deferred: DeferredEvent, error: str, *, at: datetime, chance: float
    ) -> DeferredEvent:
        """*deferred* after one more attempt, which failed with *error*."""
        failures = deferred.failures + 1
        if failures >= self.most_attempts:
            return evolve(deferred, failures=failures, error=error, due_at=None, parked_at=at)
        wait = timedelta(seconds=self.backoff.delay_s(failures, chance))
        return evolve(deferred, failures=failures, error=error, due_at=at + wait)


class Checkpoints(Protocol):
    """
    How far a subscription is, inside the transaction of what it does. Contract: tests/contract/test_subscriptions.py.
    """

    async def move(self, lease: Lease, position: int) -> None:
        """
        Everything up to *position* is done, or deferred. To be called last: from then on others wait for the end.

        Raises:
            LeaseLostError: the subscription is somebody else's now, or not where *lease* says; at the latest when the
                transaction ends.
        """
        ...

    async def defer(self, events: Collection[DeferredEvent]) -> None:
        """Put *events* off; one that is put off already is changed."""
        ...

    async def settle(self, deferred: DeferredEvent) -> None:
        """*deferred* is done: the next of its stream need not wait for it."""
        ...


class DeferredEvents(Protocol):
    """
    What is deferred, outside every transaction. Contract: tests/contract/test_subscriptions.py.
    """

    async def streams(self, subscription: str) -> frozenset[StreamId]:
        """The streams of which *subscription* has put off an event."""
        ...

    async def positions(self, subscription: str, *, after_position: int) -> frozenset[int]:
        """
        Those after *after_position* of which something is put off.

        A checkpoint is behind them where others, before them, are not over yet.
        """
        ...

    async def due(self, subscription: str, at: datetime, limit: int = 100) -> Sequence[DeferredEvent]:
        """The first deferred event of each stream, if it is to be tried again by *at*; in order of position."""
        ...

    async def parked(
        self, subscription: str | None = None, *, after_position: int = 0, limit: int = 100
    ) -> Sequence[DeferredEvent]:
        """What waits for an operator, of one subscription or all, in order of position."""
        ...

    async def retry(self, subscription: str, position: int) -> None:
        """
        Let a parked event be tried again, as often as a new one.

        Raises:
            DeferredEventNotFoundError.
        """
        ...

    async def discard(self, subscription: str, position: int) -> None:
        """
        Give a parked event up for good: the next of its stream need not wait for it.

        Raises:
            DeferredEventNotFoundError.
        """
        ...
