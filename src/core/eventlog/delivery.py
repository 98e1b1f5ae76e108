"""One subscription at work, from the day it gets its lease: what it is given, and what becomes of what fails."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from attrs import define, evolve, field, frozen

from ..kernel import Clock, UnavailableError
from .deferral import Checkpoints, DeferredEvent, DeferredEvents, RetryTerms
from .envelope import RecordedEvent
from .events import StreamId
from .following import LogFollower, Stretch
from .handling import describe
from .leases import Lease, LeaseLostError
from .observing import SubscriptionObserver
from .origin import Origin, acting_for
from .ports import EventReader
from .registry import refuse_unreadable
from .subscriptions import ExternalSubscription, Subscription

_SAVE_SKIPPED_EVERY = timedelta(milliseconds=50)
_RETRY_EVERY = timedelta(milliseconds=250)


class DeliveryTransaction(Protocol):
    """What a subscription needs of a transaction, whatever its handler needs besides."""

    @property
    def checkpoints(self) -> Checkpoints: ...


Tx = TypeVar("Tx", bound=DeliveryTransaction)
S = TypeVar("S", bound="Subscription[Any] | ExternalSubscription")


@frozen(kw_only=True)
class DeliverySurroundings(Generic[Tx]):
    """
    Where every subscription works.

    Args:
        begin: Opens a transaction.
        follower: Tells what was committed, in order.
        reader: Reads what is tried again.
        deferred: What was put off.
        clock: By which it is tried again.
        chance: Evenly distributed in [0, 1), anew at each call.
        observer: Told how it goes.
        terms: How often to try, and when.
    """

    begin: Callable[[], AbstractAsyncContextManager[Tx]]
    follower: LogFollower
    reader: EventReader
    deferred: DeferredEvents
    clock: Clock
    chance: Callable[[], float]
    observer: SubscriptionObserver = field(factory=SubscriptionObserver)
    terms: RetryTerms = field(factory=RetryTerms)


@define(eq=False)
class Delivery(ABC, Generic[Tx, S]):
    """
    Hands events to one subscription's handler in the order of the log, under one lease.

    An event that fails is put off, and what follows in its stream with it; other streams go on. What no event is to
    blame for (the database away, the lease lost) is raised: begin anew, then, with a new lease.

    Args:
        blames_events: Whether an UnavailableError is the fault of the event it came with: for when that has been
            tried so often that nothing else would ever get a turn.
        is_stopping: Asked between events whether to leave the rest of a batch to somebody else.
    """

    _subscription: S
    _lease: Lease
    _at: DeliverySurroundings[Tx]
    _blames_events: bool = field(default=False, kw_only=True)
    _is_stopping: Callable[[], bool] = field(default=lambda: False, kw_only=True)
    _position: int = field(init=False)
    _saved: int = field(init=False)
    _saved_at: datetime = field(init=False)
    _held: set[StreamId] | None = field(default=None, init=False)
    _retried_at: datetime | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._position = self._saved = self._lease.position
        self._saved_at = self._at.clock()

    @abstractmethod
    async def step(self) -> Stretch:
        """
        Try again what is due, then deliver what comes next; what that was.

        Raises:
            LeaseLostError: somebody else goes on.
            UnavailableError, OutcomeUnknownError: not now; nothing was lost.
        """

    async def close(self) -> None:
        """Finish what is in hand, and keep how far it is, for whoever goes on."""
        if self._position > self._saved:
            await self._save(self._position)

    async def end(self) -> None:
        """Break off what is still in hand, and begin nothing more."""

    @property
    def in_hand(self) -> Collection[asyncio.Task[Any]]:
        """What goes on between two steps; when one of these ends there is something for the next step."""
        return ()

    @property
    def lease(self) -> Lease:
        """Under which it is at work."""
        return self._lease

    @property
    def position(self) -> int:
        """Everything up to here is done, or deferred."""
        return self._position

    @property
    def is_saved(self) -> bool:
        """Whether its checkpoint says how far it is; what it need not handle it may pass without saying so at once."""
        return self._position == self._saved

    @property
    def is_retrying(self) -> bool:
        """Whether something was tried again just now, so that what waited behind it may be due."""
        return self.has_deferred and self._retried_at is None

    @property
    def has_deferred(self) -> bool:
        """Whether there is something to be tried again, or parked."""
        return bool(self._held)

    async def _save(self, position: int, put_off: Collection[DeferredEvent] = ()) -> None:
        async with self._at.begin() as tx:
            await self._save_in(tx, position, put_off)
        self._is_at(position, put_off)

    async def _save_in(self, tx: Tx, position: int, put_off: Collection[DeferredEvent]) -> None:
        if put_off:
            await tx.checkpoints.defer(put_off)
        await tx.checkpoints.move(self._lease, position)

    def _is_at(self, position: int, put_off: Collection[DeferredEvent]) -> None:
        """Know what was committed."""
        self._saved, self._saved_at = position, self._at.clock()
        self._lease = evolve(self._lease, position=position)
        for deferred in put_off:
            self._hold(deferred.stream)

    def _is_held(self, stream: StreamId) -> bool:
        """Whether an event of *stream* was put off, and those that follow have to wait."""
        assert self._held is not None
        return stream in self._held

    def _hold(self, stream: StreamId) -> None:
        assert self._held is not None
        self._held.add(stream)

    def _waiting(self, recorded: RecordedEvent) -> DeferredEvent:
        return DeferredEvent.waiting(self._subscription.name, recorded)

    def _is_nobodys_fault(self, error: Exception) -> bool:
        """Whether *error* says nothing about the event it came with."""
        if isinstance(error, UnavailableError):
            return not self._blames_events
        return isinstance(error, LeaseLostError) and error.is_of(self._subscription.name)

    def _understand(self, recorded: RecordedEvent) -> None:
        """
        Raises:
            UnknownEventError, MalformedEventError: the handler could make nothing of *recorded*.
        """
        if not self._subscription.of.even_unreadable:
            refuse_unreadable(recorded.event)

    def _failed(self, deferred: DeferredEvent, error: Exception) -> DeferredEvent:
        """*deferred* after an attempt that ended in *error*."""
        terms, now = self._at.terms, self._at.clock()
        failed = terms.after_failure(deferred, describe(error), at=now, chance=self._at.chance())
        self._at.observer.failed(failed, error)
        return failed

    async def _due(self) -> Sequence[DeferredEvent]:
        """What is to be tried again now."""
        now, name = self._at.clock(), self._subscription.name
        if self._held is None:
            self._held = set(await self._at.deferred.streams(name))
        if not self._held or (self._retried_at and self._is_less_than(_RETRY_EVERY, self._retried_at)):
            return ()
        due = await self._at.deferred.due(name, now)
        # Where one is handled, the next of its stream is due at once.
        self._retried_at = None if due else now
        return due

    async def _deferred(self, deferred: DeferredEvent) -> RecordedEvent | None:
        """The event that *deferred* is about; None where it is no longer in the log, and so there is nothing to do."""
        found = await self._at.reader.read_all(after_position=deferred.position - 1, limit=1)
        return next((each for each in found if each.position == deferred.position), None)

    def _may_save_skipped(self) -> bool:
        """Whether to keep how far it is, though it had nothing to handle."""
        return not self._is_less_than(_SAVE_SKIPPED_EVERY, self._saved_at)

    def _is_less_than(self, period: timedelta, since: datetime) -> bool:
        """Whether less than *period* has passed *since* then; not where the clock was set back."""
        return timedelta(0) <= self._at.clock() - since < period


def in_answer_to(recorded: RecordedEvent) -> AbstractContextManager[None]:
    """Record what is done inside as coming from *recorded*."""
    envelope = recorded.envelope
    return acting_for(Origin(envelope.correlation_id, envelope.id, envelope.user_id, envelope.traceparent))
