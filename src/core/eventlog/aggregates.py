"""Aggregates whose stream is the truth about them: events are decided upon, and the state follows from the events."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import reduce
from typing import Generic, TypeVar, cast, overload
from uuid import UUID

from attrs import frozen

from ..kernel import ConcurrencyConflictError, NotFoundError
from .envelope import Recorder
from .events import Event, StreamId, UnknownEvent
from .ports import BeginLog, EventLog, EventReader
from .registry import refuse_unreadable

C = TypeVar("C")
E = TypeVar("E", bound=Event)
S = TypeVar("S")


class NoSuchStateError(NotFoundError):
    """An aggregate was never at the version, or did not exist yet at the time, that was asked for."""

    def __init__(self, stream: StreamId, *, asked_for: int | datetime) -> None:
        super().__init__("There was no such state.", stream=str(stream), asked_for=str(asked_for))


@frozen
class Decider(Generic[C, E, S]):
    """
    The rules of one kind of aggregate: two pure functions on an immutable state.

    Args:
        initial: The state of an aggregate to which nothing has happened.
        decide: Gives the events that a command leads to in a state, maybe none; refuses it by raising an error.
        evolve: Gives the state after an event. It has happened, so nothing is refused here.

    Source: Jérémie Chassaing, "Functional Event Sourcing Decider", 2021.
    """

    initial: S
    decide: Callable[[S, C], Iterable[E]]
    evolve: Callable[[S, E], S]

    def fold(self, state: S, events: Iterable[E]) -> S:
        """The state into which *events* take *state*."""
        return reduce(self.evolve, events, state)


@frozen
class Versioned(Generic[S]):
    """
    The state of an aggregate at one version.

    Args:
        version: How many events have led to it; 0 if there is no such aggregate yet.
    """

    state: S
    version: int


@frozen
class EventSourced(Generic[C, E, S]):
    """
    All aggregates of one kind, each with a stream of its own.

    Args:
        category: That of the streams.
        decider: Their rules.
        recorder: Puts what is decided into envelopes.
    """

    category: str
    decider: Decider[C, E, S]
    recorder: Recorder

    async def load(self, events: EventReader, aggregate_id: UUID) -> Versioned[S]:
        """
        The present state.

        Raises:
            UnknownEventError, MalformedEventError: an event in the stream cannot be understood, so nobody can tell
                what it led to.
        """
        return self._state_after(await events.read_events(self._stream(aggregate_id)))

    async def decide(self, log: EventLog, aggregate_id: UUID, command: C) -> Versioned[S]:
        """
        Have *command* decided upon and append the events, in the caller's transaction; the state after them.

        Whatever the rules raise goes through, and nothing is appended.

        Raises:
            ConcurrencyConflictError: somebody else appended meanwhile.
            UnknownEventError, MalformedEventError: as `load`.
        """
        before = await self.load(log, aggregate_id)
        decided = tuple(self.decider.decide(before.state, command))
        # Also if it is none: that too was decided on this version.
        version = await log.append(self._stream(aggregate_id), self.recorder(decided), before.version)
        return Versioned(self.decider.fold(before.state, decided), version)

    async def execute(
        self, begin: BeginLog, aggregate_id: UUID, command: C, *, attempts: int = 5
    ) -> Versioned[S]:
        """
        As `decide`, in a transaction of its own, and anew on the state that others have led to if they were faster.

        Args:
            attempts: How often at most, at least once. Of writers that race one always wins, so as many as race are
                enough for each.

        Raises:
            ConcurrencyConflictError: somebody else was faster each time.
            UnknownEventError, MalformedEventError: as `load`.
        """
        for _ in range(attempts - 1):
            with suppress(ConcurrencyConflictError):
                async with begin() as tx:
                    return await self.decide(tx.events, aggregate_id, command)
        async with begin() as tx:
            return await self.decide(tx.events, aggregate_id, command)

    @overload
    async def state_at(self, events: EventReader, aggregate_id: UUID, *, version: int) -> Versioned[S]: ...
    @overload
    async def state_at(self, events: EventReader, aggregate_id: UUID, *, as_of: datetime) -> Versioned[S]: ...
    async def state_at(
        self,
        events: EventReader,
        aggregate_id: UUID,
        *,
        version: int | None = None,
        as_of: datetime | None = None,
    ) -> Versioned[S]:
        """
        An earlier state: at *version*, or as it was at the end of the moment *as_of*.

        Clocks may differ, but an event happened no later than those that follow it in its stream.

        Args:
            version: From 1.
            as_of: With a time zone.

        Raises:
            NoSuchStateError: it was never at *version*, or nothing had happened to it yet.
            UnknownEventError, MalformedEventError: as `load`.
        """
        stream = self._stream(aggregate_id)
        if as_of is not None:
            recorded = await events.read_stream(stream)
            version = max(
                (each.version for each in recorded if each.envelope.occurred_at <= as_of), default=0
            )
            happened: Sequence[Event] = [each.event for each in recorded]
        else:
            assert version is not None  # one of the two is given
            happened = await events.read_events(stream, limit=max(version, 0))
        if not 1 <= version <= len(happened):
            raise NoSuchStateError(stream, asked_for=as_of or version)
        return self._state_after(happened[:version])

    def _stream(self, aggregate_id: UUID) -> StreamId:
        return StreamId(self.category, aggregate_id)

    def _state_after(self, events: Sequence[Event]) -> Versioned[S]:
        if any(issubclass(event_type, UnknownEvent) for event_type in {*map(type, events)}):
            for event in events:
                refuse_unreadable(event)
        return Versioned(self.decider.fold(self.decider.initial, cast("Sequence[E]", events)), len(events))
