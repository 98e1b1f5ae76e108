"""Subscribers of no context, and what they work on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from attrs import define, field

from quayside.core.eventlog import (
    Checkpoints,
    DeferredEvents,
    DeliverySurroundings,
    EventFilter,
    EventLog,
    EventReader,
    ExternalDelivery,
    ExternalSubscription,
    Lease,
    LogFollower,
    Origin,
    RecordedEvent,
    RetryTerms,
    StreamId,
    Subscription,
    SubscriptionRegister,
    TransactionalDelivery,
    present_origin,
)
from quayside.core.kernel import Backoff

from .events import Noted, notes

NOTES = EventFilter(categories=frozenset({"note"}))
TERMS = RetryTerms(3, Backoff(first_s=10, most_s=10))
TRIED_AGAIN_AFTER = timedelta(seconds=10)


class SubscriberTransaction(Protocol):
    """What both a subscription and its handler here need."""

    @property
    def events(self) -> EventLog: ...

    @property
    def checkpoints(self) -> Checkpoints: ...


class LogStorage(Protocol):
    """What every store shows of the log."""

    def begin(self) -> AbstractAsyncContextManager[Any]: ...

    @property
    def events(self) -> EventReader: ...
    @property
    def follower(self) -> LogFollower: ...
    @property
    def subscriptions(self) -> SubscriptionRegister: ...
    @property
    def deferred_events(self) -> DeferredEvents: ...


@define(eq=False)
class Copyist:
    """Copies what is noted, inside the transaction or out of it; cannot read some of it."""

    illegible: set[str] = field(factory=set)
    error: BaseException = field(factory=lambda: ValueError("illegible"))
    looked_at: list[str] = field(factory=list)
    origins: list[Origin] = field(factory=list)

    async def copy(self, tx: SubscriberTransaction, recorded: RecordedEvent) -> None:
        self.look_at(text_of(recorded))
        await tx.events.append(copies_of(recorded.stream), notes(text_of(recorded)), None)

    async def note(self, recorded: RecordedEvent) -> None:
        self.look_at(text_of(recorded))

    def look_at(self, text: str) -> None:
        self.looked_at.append(text)
        self.origins.append(present_origin())
        if text in self.illegible:
            raise self.error


def text_of(recorded: RecordedEvent) -> str:
    assert isinstance(recorded.event, Noted)
    return recorded.event.text


def copies_of(stream: StreamId) -> StreamId:
    return StreamId("copy", stream.id)


@define(eq=False)
class Desk:
    """
    One copyist at work on a store, who copies within the transaction or only looks.

    Args:
        only_looks: Whether its subscription is an external one.
        at_once: How many events that one looks at side by side.
    """

    storage: LogStorage
    only_looks: bool = False
    name: str = "copies"
    category: str = "note"
    copyist: Copyist = field(factory=Copyist)
    now: datetime = datetime(2026, 3, 1, 12, 0, 0, 250, UTC)
    stopping_after: str | None = None
    before_each: Callable[[RecordedEvent], Awaitable[None]] | None = None
    at_once: int = 1

    @property
    def of(self) -> EventFilter:
        return EventFilter(categories=frozenset({self.category}))

    @property
    def surroundings(self) -> DeliverySurroundings[Any]:
        storage = self.storage
        return DeliverySurroundings(
            begin=storage.begin,
            follower=storage.follower,
            reader=storage.events,
            deferred=storage.deferred_events,
            clock=lambda: self.now,
            chance=lambda: 0.999,
            terms=TERMS,
        )

    async def noted(self, stream: StreamId, *texts: str) -> None:
        async with self.storage.begin() as tx:
            await tx.events.append(stream, notes(*texts), None)

    async def lease(self) -> Lease:
        lease = await self.storage.subscriptions.acquire(self.name, "a worker", 60)
        assert lease is not None
        return lease

    def delivery(
        self, lease: Lease, *, blames_events: bool = False
    ) -> ExternalDelivery[Any] | TransactionalDelivery[Any]:
        at = self.surroundings
        if self.only_looks:
            looking = ExternalSubscription(
                name=self.name, of=self.of, handle=self._note, at_once=self.at_once
            )
            return ExternalDelivery(
                looking, lease, at, blames_events=blames_events, is_stopping=self._is_stopping
            )
        copying = Subscription(name=self.name, of=self.of, handle=self.copyist.copy)
        return TransactionalDelivery(copying, lease, at, blames_events=blames_events)

    async def works(self) -> None:
        """Takes the lease, does everything there is to do now, and gives the lease back."""
        lease = await self.lease()
        delivery, position = self.delivery(lease), -1
        while delivery.position != position:
            position = delivery.position
            await delivery.step()
            if delivery.in_hand:
                await asyncio.wait(delivery.in_hand)
                position = -1
        await delivery.close()
        await self.storage.subscriptions.release(lease)

    async def copied(self, stream: StreamId) -> list[str]:
        return [text_of(copy) for copy in await self.storage.events.read_stream(copies_of(stream))]

    async def position(self) -> int:
        return (await self.storage.subscriptions.state(self.name)).position

    async def deferred(self) -> tuple[int, int]:
        """How many are put off, and how many of those are parked."""
        state = await self.storage.subscriptions.state(self.name)
        return state.deferred, state.parked

    async def _note(self, recorded: RecordedEvent) -> None:
        if self.before_each is not None:
            await self.before_each(recorded)
        await self.copyist.note(recorded)

    def _is_stopping(self) -> bool:
        return self.stopping_after is not None and self.stopping_after in self.copyist.looked_at
