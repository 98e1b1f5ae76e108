"""Fulfilment: what takes several contexts to be done, step by step to its end, or undone."""

from .orders.composing import OrderFulfilment, order_fulfilment
from .orders.plan import ORDER_FULFILMENT
from .sagas import rules as saga_rules
from .sagas.backlog import SagaStanding, TellSagas
from .sagas.events import (
    SAGA_EVENTS,
    SagaCancelled,
    SagaCompleted,
    SagaGivenUp,
    SagaNeedsAttention,
    SagaStarted,
    StepAbandoned,
    StepCompensated,
    StepPutOff,
    StepRefused,
    StepResumed,
    StepSucceeded,
)
from .sagas.open_sagas import (
    OPEN_SAGAS,
    OpenSaga,
    OpenSagaProjection,
    OpenSagaQueries,
    OpenSagas,
    OpenSagaTransaction,
    SagaBacklog,
    SagaKey,
)
from .sagas.outcomes import Outcome, PutOff, Refused, StepRefusedError, Stuck, Succeeded
from .sagas.plan import TIMEOUT, SagaPlan, Step
from .sagas.reacting import saga_timers, saga_work
from .sagas.rules import KEEPS_FAILING
from .sagas.runner import (
    Request,
    SagaNotFoundError,
    SagaRunner,
    SagaTransaction,
    StepWork,
    Work,
)
from .sagas.state import Pending, Phase, Saga

EVENTS = (*SAGA_EVENTS, *sorted(ORDER_FULFILMENT.requests, key=lambda event: event.type_name()))
"""Every event of this context, for the registry."""

__all__ = [
    "EVENTS",
    "KEEPS_FAILING",
    "OPEN_SAGAS",
    "ORDER_FULFILMENT",
    "SAGA_EVENTS",
    "TIMEOUT",
    "OpenSaga",
    "OpenSagaProjection",
    "OpenSagaQueries",
    "OpenSagaTransaction",
    "OpenSagas",
    "OrderFulfilment",
    "Outcome",
    "Pending",
    "Phase",
    "PutOff",
    "Refused",
    "Request",
    "Saga",
    "SagaBacklog",
    "SagaCancelled",
    "SagaCompleted",
    "SagaGivenUp",
    "SagaKey",
    "SagaNeedsAttention",
    "SagaNotFoundError",
    "SagaPlan",
    "SagaRunner",
    "SagaStanding",
    "SagaStarted",
    "SagaTransaction",
    "Step",
    "StepAbandoned",
    "StepCompensated",
    "StepPutOff",
    "StepRefused",
    "StepRefusedError",
    "StepResumed",
    "StepSucceeded",
    "StepWork",
    "Stuck",
    "Succeeded",
    "TellSagas",
    "Work",
    "order_fulfilment",
    "saga_rules",
    "saga_timers",
    "saga_work",
]
