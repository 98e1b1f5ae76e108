"""The event log: what happened, in order, for ever; and who reacts to it."""

from .aggregates import Decider, EventSourced, NoSuchStateError, Versioned
from .deferral import (
    Checkpoints,
    DeferredEvent,
    DeferredEventNotFoundError,
    DeferredEvents,
    RetryTerms,
)
from .delivery import Delivery, DeliverySurroundings, DeliveryTransaction
from .documents import Document, DocumentQueries, Documents, ProjectionNotBuiltError
from .envelope import EventEnvelope, RecordedEvent, Recorder
from .events import Event, EventId, MalformedEvent, StreamId, UnknownEvent
from .external_delivery import ExternalDelivery
from .following import LogFollower, LogSetBackError, Stretch
from .generations import Generation, GenerationRegister, GenerationStatus, is_of_a_generation
from .handling import HandlerCancelledError, cancellation_as_error, describe
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
from .ports import (
    Appended,
    BeginLog,
    EventCodec,
    EventLog,
    EventReader,
    LogTransaction,
    nobody_listens,
    tell_of_growth,
)
from .projections import DocumentProjection, DocumentTransaction, Projection, filling
from .registry import EventRegistry, MalformedEventError, UnknownEventError, refuse_unreadable
from .standing import Standing, TellStandings
from .subscriptions import (
    EVERYTHING,
    BroadcastSubscription,
    EventFilter,
    ExternalSubscription,
    Subscription,
)
from .trail import EVENTS_BY_ACTOR, Act, acts_of
from .transactional_delivery import TransactionalDelivery
from .upcasting import JsonObject, StoredForm, Upcaster
from .verification import Flaw, LogReport, StoredEvent, StoredLog, VerifyLog

__all__ = [
    "EVENTS_BY_ACTOR",
    "EVERYTHING",
    "JOB_PREFIX",
    "Act",
    "Appended",
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
    "Document",
    "DocumentProjection",
    "DocumentQueries",
    "DocumentTransaction",
    "Documents",
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
    "Generation",
    "GenerationRegister",
    "GenerationStatus",
    "HandlerCancelledError",
    "JsonObject",
    "Lease",
    "LeaseLostError",
    "LogFollower",
    "LogReport",
    "LogSetBackError",
    "LogTransaction",
    "MalformedEvent",
    "MalformedEventError",
    "NoSuchStateError",
    "Origin",
    "Projection",
    "ProjectionNotBuiltError",
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
    "acts_of",
    "cancellation_as_error",
    "describe",
    "filling",
    "is_of_a_generation",
    "nobody_listens",
    "present_origin",
    "refuse_unreadable",
    "tell_of_growth",
]
