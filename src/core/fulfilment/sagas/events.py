"""What can happen to a saga, whatever it is about; what it asks for are events of its plan."""

from datetime import datetime

from attrs import frozen

from ...eventlog import Event


@frozen
class SagaStarted(Event):
    """It has until *deadline*."""

    deadline: datetime


@frozen
class StepSucceeded(Event):
    """What was asked for is done."""

    step: str


@frozen
class StepRefused(Event):
    """What was asked for will not be done; what was done before is undone."""

    step: str
    reason: str


@frozen
class StepPutOff(Event):
    """
    An attempt came to nothing, or nobody knows to what; the same is tried again.

    Args:
        attempt: How many it were so far.
        outcome_unknown: Whether it may have been done.
        cause: What kind of error it was, if it was one.
    """

    step: str
    attempt: int
    due_at: datetime
    outcome_unknown: bool
    cause: str | None


@frozen
class StepResumed(Event):
    """It is tried again, under the same key: its time has come, or somebody wants it."""

    step: str


@frozen
class StepCompensated(Event):
    """It is undone."""

    step: str


@frozen
class StepAbandoned(Event):
    """A person has put it right: it counts as undone, or as not done."""

    step: str


@frozen
class SagaGivenUp(Event):
    """
    Nothing more is begun. What is under way is found out about, and what was done is undone.

    Args:
        reason: What failed; None: somebody wanted it so.
    """

    reason: str | None


@frozen
class SagaNeedsAttention(Event):
    """It is stuck at a step until a person has looked at it."""

    step: str
    why: str


@frozen
class SagaCompleted(Event):
    """Every step has succeeded."""


@frozen
class SagaCancelled(Event):
    """
    Nothing of it is left.

    Args:
        reason: Why it was given up; None: somebody wanted it so.
    """

    reason: str | None


SAGA_EVENTS: tuple[type[Event], ...] = (
    SagaStarted,
    StepSucceeded,
    StepRefused,
    StepPutOff,
    StepResumed,
    StepCompensated,
    StepAbandoned,
    SagaGivenUp,
    SagaNeedsAttention,
    SagaCompleted,
    SagaCancelled,
)
"""Those events of a saga that every plan has, for the registry."""
