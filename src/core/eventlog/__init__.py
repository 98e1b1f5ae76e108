"""The event log: what happened, in order, for ever."""

from .aggregates import Decider, EventSourced, NoSuchStateError, Versioned
from .envelope import EventEnvelope, RecordedEvent, Recorder
from .events import Event, EventId, StreamId, UnknownEvent
from .following import LogFollower, Stretch
from .origin import Origin, acting_for, present_origin
from .ports import BeginLog, EventCodec, EventLog, EventReader, LogTransaction
from .registry import EventRegistry, MalformedEventError, UnknownEventError
from .subscriptions import EVERYTHING, EventFilter
from .upcasting import JsonObject, StoredForm, Upcaster

__all__ = [
    "EVERYTHING",
    "BeginLog",
    "Decider",
    "Event",
    "EventCodec",
    "EventEnvelope",
    "EventFilter",
    "EventId",
    "EventLog",
    "EventReader",
    "EventRegistry",
    "EventSourced",
    "JsonObject",
    "LogFollower",
    "LogTransaction",
    "MalformedEventError",
    "NoSuchStateError",
    "Origin",
    "RecordedEvent",
    "Recorder",
    "StoredForm",
    "StreamId",
    "Stretch",
    "UnknownEvent",
    "UnknownEventError",
    "Upcaster",
    "Versioned",
    "acting_for",
    "present_origin",
]
