"""One subscription at work, from the day it gets its lease: what it is given, and what becomes of what fails."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from attrs import define, field, frozen

from ..kernel import Clock, UnavailableError
from .deferral import Checkpoints, DeferredEvent, DeferredEvents, RetryTerms
from .envelope import RecordedEvent
from .events import StreamId
from .following import LogFollower, Stretch
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


def describe(error: Exception) -> str:
    """*error* in a line, for whoever looks at what is deferred."""
    text = f"{type(error).__name__}: {error}"[:1_000].replace("\0", "")
    return text.encode("utf-8", "replace").decode()  # what a database stores


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
        describe: What is kept of an error.
    """

    begin: Callable[[], AbstractAsyncContextManager[Tx]]
    follower: LogFollower
    reader: EventReader
    deferred: DeferredEvents
    clock: Clock
    chance: Callable[[], float]
    observer: SubscriptionObserver = field(factory=SubscriptionObserver)
    terms: RetryTerms = field(factory=RetryTerms)
    describe: Callable[[Exception], str] = describe


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

    async def step(self) -> Stretch:
        """
        Try again what is due, then deliver what comes next; its position has not moved where nothing did.

        Raises:
            LeaseLostError: somebody else goes on.
            UnavailableError, OutcomeUnknownError: not now; nothing was lost.
        """
        await self._retry_due()
        stretch = await self._at.follower.read(
            after_position=self._position, limit=self._subscription.batch, of=self._subscription.of
        )
        if stretch.events:
            await self._deliver(stretch.events, stretch.position)
        elif stretch.position > self._saved and self._at.clock() >= self._saved_at + _SAVE_SKIPPED_EVERY:
            await self._save(stretch.position)
        self._position = max(self._position, self._reached(stretch))
        return stretch

    async def close(self) -> None:
        """Keep how far it is, for whoever goes on."""
        if self._position > self._saved:
            await self._save(self._position)

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

    @abstractmethod
    async def _deliver(self, events: Sequence[RecordedEvent], position: int) -> None:
        """Handle *events* and move to *position*, up to which there is nothing else."""

    @abstractmethod
    async def _try_again(self, deferred: DeferredEvent, recorded: RecordedEvent) -> None:
        """Handle *recorded* and settle *deferred*."""

    def _reached(self, stretch: Stretch) -> int:
        return self._saved if stretch.events else stretch.position

    async def _save(self, position: int, put_off: Sequence[DeferredEvent] = ()) -> None:
        async with self._at.begin() as tx:
            await self._save_in(tx, position, put_off)
        self._is_at(position, put_off)

    async def _save_in(self, tx: Tx, position: int, put_off: Sequence[DeferredEvent]) -> None:
        if put_off:
            await tx.checkpoints.defer(put_off)
        await tx.checkpoints.move(self._lease, position)

    def _is_at(self, position: int, put_off: Sequence[DeferredEvent]) -> None:
        """Know what was committed."""
        self._saved, self._saved_at = position, self._at.clock()
        assert self._held is not None
        self._held.update(deferred.stream for deferred in put_off)

    def _is_held(self, recorded: RecordedEvent) -> bool:
        assert self._held is not None
        return recorded.stream in self._held

    def _waiting(self, recorded: RecordedEvent) -> DeferredEvent:
        return DeferredEvent.waiting(self._subscription.name, recorded)

    def _is_nobodys_fault(self, error: Exception) -> bool:
        """Whether *error* says nothing about the event it came with."""
        if isinstance(error, UnavailableError):
            return not self._blames_events
        return isinstance(error, LeaseLostError)

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
        failed = terms.after_failure(deferred, self._at.describe(error), at=now, chance=self._at.chance())
        self._at.observer.failed(failed, error)
        return failed

    async def _retry_due(self) -> None:
        now, name = self._at.clock(), self._subscription.name
        if self._held is None:
            self._held = set(await self._at.deferred.streams(name))
        if not self._held or (self._retried_at and now < self._retried_at + _RETRY_EVERY):
            return
        due = await self._at.deferred.due(name, now)
        self._retried_at = (
            None if due else now
        )  # where one was handled, the next of its stream is due at once
        for deferred in due:
            if self._is_stopping():
                return
            await self._retry(deferred)
        self._held = set(await self._at.deferred.streams(name))

    async def _retry(self, deferred: DeferredEvent) -> None:
        [recorded] = await self._at.reader.read_all(after_position=deferred.position - 1, limit=1)
        try:
            await self._try_again(deferred, recorded)
        except Exception as error:
            if self._is_nobodys_fault(error):
                raise
            await self._save(self._saved, [self._failed(deferred, error)])
        else:
            self._at.observer.delivered(self._subscription.name, 1)


def in_answer_to(recorded: RecordedEvent) -> AbstractContextManager[None]:
    """Record what is done inside as coming from *recorded*."""
    envelope = recorded.envelope
    return acting_for(Origin(envelope.correlation_id, envelope.id, envelope.user_id, envelope.traceparent))
