"""The event log: what happened, in order, for ever."""

from .envelope import EventEnvelope, RecordedEvent, Recorder
from .events import Event, EventId, StreamId, UnknownEvent
from .following import LogFollower, Stretch
from .origin import Origin, acting_for, present_origin
from .ports import EventCodec, EventLog, EventReader
from .registry import EventRegistry, MalformedEventError, UnknownEventError
from .subscriptions import EVERYTHING, EventFilter
from .upcasting import JsonObject, StoredForm, Upcaster

__all__ = [
    "EVERYTHING",
    "Event",
    "EventCodec",
    "EventEnvelope",
    "EventFilter",
    "EventId",
    "EventLog",
    "EventReader",
    "EventRegistry",
    "JsonObject",
    "LogFollower",
    "MalformedEventError",
    "Origin",
    "RecordedEvent",
    "Recorder",
    "StoredForm",
    "StreamId",
    "Stretch",
    "UnknownEvent",
    "UnknownEventError",
    "Upcaster",
    "acting_for",
    "present_origin",
]
