"""Events of no context, for the tests of what carries all of them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from attrs import frozen

from quayside.core.eventlog import Event, EventEnvelope, EventId, StreamId


@frozen
class Noted(Event):
    """Somebody wrote something down."""

    text: str


def a_stream(category: str = "note", stream_id: UUID | None = None) -> StreamId:
    return StreamId(category, stream_id or uuid4())


def notes(*texts: str) -> tuple[EventEnvelope, ...]:
    return tuple(
        EventEnvelope(EventId(uuid4()), Noted(text), datetime(2026, 3, 1, 12, 0, 0, 250, UTC), uuid4())
        for text in texts
    )
