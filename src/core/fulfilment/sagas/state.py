"""How far a saga is: a fold of what happened to it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from ...eventlog import Event, EventEnvelope, EventId, Origin, refuse_unreadable
from .events import (
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
from .plan import SagaPlan


class Phase(StrEnum):
    """Where a saga goes."""

    NEW = "new"
    """It was not started."""
    FORWARD = "forward"
    """Step by step to its end."""
    BACKWARD = "backward"
    """It was given up, and is being undone."""
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@frozen(kw_only=True)
class Pending:
    """
    What was asked for and is not settled.

    Args:
        key: The id of the event that asked for it.
        trigger: The id of the event that asked for it last: the same, or that of a `StepResumed`.
        is_undo: Whether the step is to be undone.
        attempts: How many came to nothing; counted anew once the saga is given up.
        due_at: When it is tried again; None while it is in hand, or needs a person.
        maybe_done: Whether one of the attempts may have done it.
    """

    step: str
    key: EventId
    trigger: EventId
    is_undo: bool
    since: datetime
    attempts: int = 0
    due_at: datetime | None = None
    maybe_done: bool = False


@frozen(kw_only=True)
class Saga:
    """
    One saga.

    Args:
        done: The steps that succeeded and are not undone, in order.
        pending: At most one thing at a time.
        keys: Under which key each step was requested.
        reason: Why it was given up; None: somebody wanted it so, or it was not.
        attention: Why it needs a person; None if it needs none.
        origin: What its events have in common.
        latest: Its last event.
        version: How many events it has.
    """

    plan: SagaPlan
    phase: Phase = Phase.NEW
    deadline: datetime | None = None
    done: tuple[str, ...] = ()
    pending: Pending | None = None
    keys: Mapping[str, EventId] = field(factory=dict)
    reason: str | None = None
    attention: str | None = None
    origin: Origin = field(factory=Origin)
    latest: EventId | None = None
    version: int = 0

    def after(self, envelope: EventEnvelope) -> "Saga":
        """
        The saga once *envelope* has happened to it.

        Raises:
            UnknownEventError, MalformedEventError: nobody can tell what it has become.
        """
        refuse_unreadable(envelope.event)
        asked = self.plan.asked_by(envelope.event)
        changed = self._asked(envelope) if asked else evolve(self, **self._changed(envelope))
        origin = self.origin if self.version else _origin_of(envelope)
        return evolve(changed, origin=origin, latest=envelope.id, version=self.version + 1)

    def after_all(self, envelopes: Iterable[EventEnvelope]) -> "Saga":
        """The saga once all of *envelopes* have happened to it."""
        saga = self
        for envelope in envelopes:
            saga = saga.after(envelope)
        return saga

    @property
    def wakes_at(self) -> datetime | None:
        """When something is to be done without being asked; None if never."""
        times = [self.pending.due_at] if self.pending else []
        if self.phase is Phase.FORWARD and self.pending:
            times += [self.deadline, self.pending.since + self.plan.step(self.pending.step).timeout]
        return min((moment for moment in times if moment), default=None)

    def without(self, step: str) -> tuple[str, ...]:
        """What is done once *step* is undone: those after it are, or need not be."""
        return self.done[: self.done.index(step)] if step in self.done else self.done

    def _asked(self, envelope: EventEnvelope) -> "Saga":
        asked = self.plan.asked_by(envelope.event)
        assert asked
        step, is_undo = asked
        pending = Pending(
            step=step.name,
            key=envelope.id,
            trigger=envelope.id,
            is_undo=is_undo,
            since=envelope.occurred_at,
        )
        keys = self.keys if is_undo else {**self.keys, step.name: envelope.id}
        return evolve(self, pending=pending, keys=keys, attention=None)

    def _changed(self, envelope: EventEnvelope) -> dict[str, Any]:
        """Which facts are others after an event that asks for nothing."""
        over: dict[str, Any] = {"pending": None, "attention": None}
        match envelope.event:
            case SagaStarted(deadline):
                return {"phase": Phase.FORWARD, "deadline": deadline}
            case StepSucceeded(step):
                return over | {"done": (*self.done, step)}
            case StepRefused(_, reason):
                return over | self._given_up(reason)
            case StepCompensated(step) | StepAbandoned(step):
                return over | {"done": self.without(step)}
            case SagaGivenUp(reason):
                # From now on it is found out about, and that may be tried as often as if it were the first time.
                anew = evolve(self.pending, attempts=0) if self.pending else None
                return {"pending": anew} | self._given_up(reason)
            case SagaCompleted():
                return {"phase": Phase.COMPLETED}
            case SagaCancelled():
                return {"phase": Phase.CANCELLED}
            case event:
                return self._of_pending(event, envelope.id)

    def _of_pending(self, event: Event, event_id: EventId) -> dict[str, Any]:
        assert self.pending
        match event:
            case StepPutOff():
                maybe_done = self.pending.maybe_done or event.outcome_unknown
                put_off = evolve(
                    self.pending, attempts=event.attempt, due_at=event.due_at, maybe_done=maybe_done
                )
                return {"pending": put_off}
            case StepResumed():
                attempts = 0 if self.attention else self.pending.attempts
                resumed = evolve(self.pending, trigger=event_id, due_at=None, attempts=attempts)
                return {"pending": resumed, "attention": None}
            case SagaNeedsAttention(_, why):
                return {"pending": evolve(self.pending, due_at=None), "attention": why}
        raise TypeError(f"{event.type_name()} is none of a saga's events")

    def _given_up(self, reason: str | None) -> dict[str, Any]:
        if self.phase is Phase.BACKWARD:
            return {}
        return {"phase": Phase.BACKWARD, "reason": reason}


def _origin_of(envelope: EventEnvelope) -> Origin:
    return Origin(envelope.correlation_id, envelope.id, envelope.user_id, envelope.traceparent)
