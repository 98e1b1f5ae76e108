"""Events of no context, for the tests of what carries all of them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
from attrs import frozen

from disclosure import shown
from quayside.core.eventlog import Event, EventEnvelope, EventId, Recorder, StreamId


@frozen
class Noted(Event):
    """Somebody wrote something down."""

    text: str


@frozen
class OpenRecorder(Recorder):
    """Shows what it records, whatever keeps that."""

    def __call__(self, events: Iterable[Event]) -> tuple[EventEnvelope, ...]:
        recorded = super().__call__(events)
        show_events(recorded)
        return recorded


def show_events(events: Iterable[object]) -> None:
    """Show *events* with all that is in them, as they are written down."""
    shown("event", msgspec.json.encode(list(events)).decode())


def a_stream(category: str = "note", stream_id: UUID | None = None) -> StreamId:
    return StreamId(category, stream_id or uuid4())


def notes(*texts: str) -> tuple[EventEnvelope, ...]:
    return tuple(
        EventEnvelope(EventId(uuid4()), Noted(text), datetime(2026, 3, 1, 12, 0, 0, 250, UTC), uuid4())
        for text in texts
    )
