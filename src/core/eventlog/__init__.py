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
    JOB_PREFIX,
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
from .standing import Standing, TellStandings
from .subscriptions import (
    EVERYTHING,
    BroadcastSubscription,
    EventFilter,
    ExternalSubscription,
    Subscription,
)
from .upcasting import JsonObject, StoredForm, Upcaster
from .verification import Flaw, LogReport, StoredEvent, StoredLog, VerifyLog

__all__ = [
    "EVERYTHING",
    "JOB_PREFIX",
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
    "Flaw",
    "JsonObject",
    "Lease",
    "LeaseLostError",
    "LogFollower",
    "LogReport",
    "LogTransaction",
    "MalformedEventError",
    "NoSuchStateError",
    "Origin",
    "RecordedEvent",
    "Recorder",
    "RetryTerms",
    "Standing",
    "StoredEvent",
    "StoredForm",
    "StoredLog",
    "StreamId",
    "Stretch",
    "Subscription",
    "SubscriptionNotFoundError",
    "SubscriptionObserver",
    "SubscriptionRegister",
    "SubscriptionState",
    "TellStandings",
    "TransactionalDelivery",
    "UnknownEvent",
    "UnknownEventError",
    "Upcaster",
    "VerifyLog",
    "Versioned",
    "acting_for",
    "present_origin",
]
