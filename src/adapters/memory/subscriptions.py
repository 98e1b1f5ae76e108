"""Subscriptions in memory: their leases, how far they are, and what they put off."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from attrs import define, evolve, field, frozen

from ...core.eventlog import (
    DeferredEvent,
    DeferredEventNotFoundError,
    Lease,
    LeaseLostError,
    StreamId,
    SubscriptionNotFoundError,
    SubscriptionState,
)
from ...core.kernel import Clock
from .rows import Rows

DeferredKey = tuple[str, int]
"""The subscription's name and the event's position."""


@frozen
class SubscriptionRow:
    """What is kept of a subscription."""

    position: int = 0
    is_paused: bool = False
    token: int = 0
    holder: str | None = None
    leased_until: datetime | None = None

    def revoked(self) -> "SubscriptionRow":
        """This, taken out of the hands it was in."""
        return evolve(self, token=self.token + 1, holder=None, leased_until=None)


@define(eq=False)
class MemorySubscriptionRegister:
    """Nothing is awaited, so each call is atomic."""

    _rows: dict[str, SubscriptionRow]
    _deferred: dict[DeferredKey, DeferredEvent]
    _clock: Clock

    async def acquire(self, name: str, holder: str, for_s: float) -> Lease | None:
        row, now = self._rows.get(name, SubscriptionRow()), self._clock()
        if row.is_paused or (row.leased_until is not None and row.leased_until > now):
            return None
        until = now + timedelta(seconds=for_s)
        self._rows[name] = evolve(row, token=row.token + 1, holder=holder, leased_until=until)
        return Lease(name, row.token + 1, row.position)

    async def renew(self, lease: Lease, for_s: float) -> None:
        row = leased(self._rows, lease)
        self._rows[lease.name] = evolve(row, leased_until=self._clock() + timedelta(seconds=for_s))

    async def release(self, lease: Lease) -> None:
        row = self._rows.get(lease.name)
        if row is not None and row.token == lease.token:
            self._rows[lease.name] = evolve(row, holder=None, leased_until=None)

    async def states(self) -> Sequence[SubscriptionState]:
        return [self._state(name) for name in sorted(self._rows)]

    async def state(self, name: str) -> SubscriptionState:
        self._row(name)
        return self._state(name)

    async def pause(self, name: str) -> None:
        self._rows[name] = evolve(self._row(name).revoked(), is_paused=True)

    async def resume(self, name: str) -> None:
        self._rows[name] = evolve(self._row(name), is_paused=False)

    async def reset(self, name: str, position: int) -> None:
        self._rows[name] = evolve(self._row(name).revoked(), position=position)
        for key in [key for key in self._deferred if key[0] == name]:
            del self._deferred[key]

    def _row(self, name: str) -> SubscriptionRow:
        try:
            return self._rows[name]
        except KeyError:
            raise SubscriptionNotFoundError(name) from None

    def _state(self, name: str) -> SubscriptionState:
        row = self._rows[name]
        deferred = [event for event in self._deferred.values() if event.subscription == name]
        return SubscriptionState(
            name=name,
            position=row.position,
            is_paused=row.is_paused,
            holder=row.holder,
            leased_until=row.leased_until,
            deferred=len(deferred),
            parked=sum(event.parked_at is not None for event in deferred),
        )


def leased(rows: dict[str, SubscriptionRow], lease: Lease) -> SubscriptionRow:
    """
    The row of a subscription that is still run under *lease*.

    Raises:
        LeaseLostError: it is not.
    """
    row = rows.get(lease.name)
    if row is None or row.token != lease.token:
        raise LeaseLostError(lease.name)
    return row


def leased_there(rows: dict[str, SubscriptionRow], lease: Lease) -> SubscriptionRow:
    """As `leased`, and the subscription is where *lease* says."""
    row = leased(rows, lease)
    if row.position != lease.position:
        raise LeaseLostError(lease.name)
    return row


@define(eq=False)
class MemoryCheckpoints:
    """
    Inside one transaction; whether the lease still holds is looked at when it commits, once more.

    Args:
        committed: What all transactions share.
        deferred: The transaction's rows.
    """

    _committed: dict[str, SubscriptionRow]
    _deferred: Rows[DeferredKey, DeferredEvent]
    _moved: dict[Lease, int] = field(factory=dict, init=False)

    async def move(self, lease: Lease, position: int) -> None:
        leased_there(self._committed, lease)
        self._moved[lease] = position

    async def defer(self, events: Collection[DeferredEvent]) -> None:
        for event in events:
            self._deferred[event.subscription, event.position] = event

    async def settle(self, deferred: DeferredEvent) -> None:
        self._deferred.pop((deferred.subscription, deferred.position), None)

    def validate(self) -> None:
        """
        Raises:
            LeaseLostError: it was lost meanwhile.
        """
        for lease in self._moved:
            leased_there(self._committed, lease)

    def publish(self) -> None:
        """Make the moves known to everybody."""
        for lease, position in self._moved.items():
            self._committed[lease.name] = evolve(self._committed[lease.name], position=position)


@define(eq=False)
class MemoryDeferredEvents:
    """What was committed as deferred."""

    _committed: dict[DeferredKey, DeferredEvent]

    async def streams(self, subscription: str) -> frozenset[StreamId]:
        return frozenset(event.stream for event in self._of(subscription))

    async def positions(self, subscription: str, *, after_position: int) -> frozenset[int]:
        return frozenset(
            event.position for event in self._of(subscription) if event.position > after_position
        )

    async def due(self, subscription: str, at: datetime, limit: int = 100) -> Sequence[DeferredEvent]:
        first: dict[StreamId, DeferredEvent] = {}
        for event in self._of(subscription):
            first.setdefault(event.stream, event)
        due = [
            event
            for event in first.values()
            if event.parked_at is None and (event.due_at is None or event.due_at <= at)
        ]
        return due[:limit]

    async def parked(
        self, subscription: str | None = None, *, after_position: int = 0, limit: int = 100
    ) -> Sequence[DeferredEvent]:
        parked = [
            event
            for event in self._committed.values()
            if event.parked_at is not None
            and event.position > after_position
            and subscription in (None, event.subscription)
        ]
        return sorted(parked, key=lambda event: (event.position, event.subscription))[:limit]

    async def retry(self, subscription: str, position: int) -> None:
        parked = self._parked(subscription, position)
        self._committed[subscription, position] = evolve(parked, failures=0, parked_at=None)

    async def discard(self, subscription: str, position: int) -> None:
        self._parked(subscription, position)
        del self._committed[subscription, position]

    def _of(self, subscription: str) -> Sequence[DeferredEvent]:
        of_it = [event for event in self._committed.values() if event.subscription == subscription]
        return sorted(of_it, key=lambda event: event.position)

    def _parked(self, subscription: str, position: int) -> DeferredEvent:
        event = self._committed.get((subscription, position))
        if event is None or event.parked_at is None:
            raise DeferredEventNotFoundError(subscription, position)
        return event
