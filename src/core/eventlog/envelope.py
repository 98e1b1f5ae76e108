"""An event with everything that is known about its recording."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..kernel import Clock, IdFactory, UserId, several_ids
from .events import Event, EventId, StreamId
from .origin import present_origin


@frozen
class EventEnvelope:
    """
    An event about to be appended.

    Args:
        id: Unique for ever; appending the same ids again is recognised as the success it was.
        event: What happened.
        occurred_at: When, in UTC.
        correlation_id: Shared by all that one outside request set off.
        causation_id: The event in answer to which this one happened, if any.
        user_id: Who acted, if that is known.
        traceparent: W3C Trace Context of the span that recorded it.
    """

    id: EventId
    event: Event
    occurred_at: datetime
    correlation_id: UUID
    causation_id: EventId | None = None
    user_id: UserId | None = None
    traceparent: str | None = None


@frozen
class RecordedEvent:
    """
    An event as the log holds it.

    Args:
        position: Its place in the order of the whole log; grows, with gaps.
        stream: The stream it belongs to.
        version: Its place in that stream, from 1 without gaps.
        envelope: The event and what is known about its recording.
    """

    position: int
    stream: StreamId
    version: int
    envelope: EventEnvelope

    @property
    def event(self) -> Event:
        """What happened."""
        return self.envelope.event


@frozen
class Recorder:
    """Puts events into envelopes: a new id each, the time, and the present task's origin."""

    clock: Clock
    new_id: IdFactory

    def __call__(self, events: Iterable[Event]) -> tuple[EventEnvelope, ...]:
        origin, occurred_at, happened = present_origin(), self.clock(), tuple(events)
        if (correlation_id := origin.correlation_id) is None:
            correlation_id, *ids = several_ids(self.new_id, 1 + len(happened))
        else:
            ids = several_ids(self.new_id, len(happened))
        shared = occurred_at, correlation_id, origin.causation_id, origin.user_id, origin.traceparent
        # Positional, for whoever records a hundred of them.
        return tuple(
            [EventEnvelope(EventId(id_), event, *shared) for id_, event in zip(ids, happened, strict=True)]
        )
