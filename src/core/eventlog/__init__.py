"""The event log: what happened, in order, for ever; and who reacts to it."""

from .aggregates import Decider, EventSourced, NoSuchStateError, Versioned
from .deferral import (
    Checkpoints,
    DeferredEvent,
    DeferredEventNotFoundError,
    DeferredEvents,
    RetryTerms,
)
from .deliveries import ExternalDelivery, TransactionalDelivery
from .delivery import Delivery, DeliverySurroundings, DeliveryTransaction
from .envelope import EventEnvelope, RecordedEvent, Recorder
from .events import Event, EventId, StreamId, UnknownEvent
from .following import LogFollower, Stretch
from .leases import (
    Lease,
    LeaseLostError,
    SubscriptionNotFoundError,
    SubscriptionRegister,
    SubscriptionState,
)
from .observing import SubscriptionObserver
from .origin import Origin, acting_for, present_origin
from .ports import BeginLog, EventCodec, EventLog, EventReader, LogTransaction
from .registry import EventRegistry, MalformedEventError, UnknownEventError
from .subscriptions import (
    EVERYTHING,
    BroadcastSubscription,
    EventFilter,
    ExternalSubscription,
    Subscription,
)
from .upcasting import JsonObject, StoredForm, Upcaster

__all__ = [
    "EVERYTHING",
    "BeginLog",
    "BroadcastSubscription",
    "Checkpoints",
    "Decider",
    "DeferredEvent",
    "DeferredEventNotFoundError",
    "DeferredEvents",
    "Delivery",
    "DeliverySurroundings",
    "DeliveryTransaction",
    "Event",
    "EventCodec",
    "EventEnvelope",
    "EventFilter",
    "EventId",
    "EventLog",
    "EventReader",
    "EventRegistry",
    "EventSourced",
    "ExternalDelivery",
    "ExternalSubscription",
    "JsonObject",
    "Lease",
    "LeaseLostError",
    "LogFollower",
    "LogTransaction",
    "MalformedEventError",
    "NoSuchStateError",
    "Origin",
    "RecordedEvent",
    "Recorder",
    "RetryTerms",
    "StoredForm",
    "StreamId",
    "Stretch",
    "Subscription",
    "SubscriptionNotFoundError",
    "SubscriptionObserver",
    "SubscriptionRegister",
    "SubscriptionState",
    "TransactionalDelivery",
    "UnknownEvent",
    "UnknownEventError",
    "Upcaster",
    "Versioned",
    "acting_for",
    "present_origin",
]
