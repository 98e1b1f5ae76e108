"""The event log: what happened, in order, for ever."""

from .envelope import EventEnvelope, RecordedEvent, Recorder
from .events import Event, EventId, StreamId, UnknownEvent
from .origin import Origin, acting_for, present_origin
from .ports import EventCodec, EventLog, EventReader
from .registry import EventRegistry, MalformedEventError, UnknownEventError
from .upcasting import JsonObject, StoredForm, Upcaster

__all__ = [
    "Event",
    "EventCodec",
    "EventEnvelope",
    "EventId",
    "EventLog",
    "EventReader",
    "EventRegistry",
    "JsonObject",
    "MalformedEventError",
    "Origin",
    "RecordedEvent",
    "Recorder",
    "StoredForm",
    "StreamId",
    "UnknownEvent",
    "UnknownEventError",
    "Upcaster",
    "acting_for",
    "present_origin",
]
