"""The event log: what happened, in order, for ever."""

from .envelope import EventEnvelope, RecordedEvent, Recorder
from .events import Event, EventId, StreamId
from .origin import Origin, acting_for, present_origin
from .ports import EventCodec, EventLog, EventReader
from .registry import EventRegistry, MalformedEventError, UnknownEventError

__all__ = [
    "Event",
    "EventCodec",
    "EventEnvelope",
    "EventId",
    "EventLog",
    "EventReader",
    "EventRegistry",
    "MalformedEventError",
    "Origin",
    "RecordedEvent",
    "Recorder",
    "StreamId",
    "UnknownEventError",
    "acting_for",
    "present_origin",
]
