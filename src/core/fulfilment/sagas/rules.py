"""What follows for a saga: pure, and safe to be asked again."""

from datetime import datetime, timedelta

from attrs import frozen

from ...eventlog import Event, EventId
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
from .outcomes import Outcome, PutOff, Refused, Stuck, Succeeded
from .plan import TIMEOUT
from .state import Pending, Phase, Saga

Events = tuple[Event, ...]

KEEPS_FAILING = "keeps_failing"
"""Why a saga needs a person that has tried as often as it may."""


@frozen
class Report:
    """
    What became of an attempt.

    Args:
        trigger: The id of the event in answer to which it was made.
        chance: Evenly distributed in [0, 1).
    """

    trigger: EventId
    key: EventId
    outcome: Outcome
    at: datetime
    chance: float


def start(saga: Saga, *, at: datetime) -> Events:
    """Begin it; nothing where that was done."""
    return () if saga.version else (SagaStarted(at + saga.plan.deadline), saga.plan.first())


def report(saga: Saga, told: Report) -> Events:
    """Take note of an outcome; nothing where it comes twice, or is of what was settled before."""
    pending = saga.pending
    if pending is None or pending.key != told.key:
        return ()
    match told.outcome:
        case Stuck(why):
            return _stuck(saga, pending, why)
        case PutOff() as put_off:
            return _put_off(saga, pending, put_off, told)
        case Succeeded():
            return _settled(saga, pending)
        case Refused(reason):
            if pending.is_undo:
                return _stuck(saga, pending, reason)
            since = reason if saga.phase is Phase.FORWARD else saga.reason
            return StepRefused(pending.step, reason), *_backward(saga, saga.done, since)


def give_up(saga: Saga, reason: str | None = None) -> Events:
    """Go back; nothing where there is nothing to go back from, or that was done."""
    match saga.phase:
        case Phase.FORWARD:
            is_waiting = saga.pending and saga.pending.due_at
            resumed = (StepResumed(saga.pending.step),) if saga.pending and is_waiting else ()
            return SagaGivenUp(reason), *resumed
        case Phase.COMPLETED:
            return SagaGivenUp(reason), *_backward(saga, saga.done, reason)
    return ()


def wake(saga: Saga, *, at: datetime) -> Events:
    """Do what time asks for: give up what took too long, try again what was put off."""
    pending = saga.pending
    if pending is None or saga.wakes_at is None or at < saga.wakes_at:
        return ()
    if saga.phase is Phase.FORWARD:
        step = saga.plan.step(pending.step)
        if saga.deadline and at >= saga.deadline:
            return give_up(saga, TIMEOUT)
        if at >= pending.since + step.timeout:
            surely_undone = pending.attempts and not pending.maybe_done
            return give_up(saga, step.unavailable if surely_undone else TIMEOUT)
    return (StepResumed(pending.step),)


def retry(saga: Saga) -> Events:
    """
    Try again what a person has looked at; nothing where it needs none.

    What is to be undone is asked for anew, under another key: the old one may stand for a refusal.
    """
    if saga.attention is None or saga.pending is None:
        return ()
    undo = saga.plan.step(saga.pending.step).undo
    return (undo(),) if saga.pending.is_undo and undo else (StepResumed(saga.pending.step),)


def abandon(saga: Saga) -> Events:
    """Leave out what a person has put right, and go on without it; nothing where it needs none."""
    if saga.attention is None or saga.pending is None:
        return ()
    reason = saga.reason
    given_up: Events = ()
    if saga.phase is Phase.FORWARD:
        reason = saga.plan.step(saga.pending.step).unavailable
        given_up = (SagaGivenUp(reason),)
    abandoned = StepAbandoned(saga.pending.step)
    return *given_up, abandoned, *_backward(saga, saga.without(saga.pending.step), reason)


def _settled(saga: Saga, pending: Pending) -> Events:
    """What follows on the success of *pending*."""
    if pending.is_undo:
        undone = StepCompensated(pending.step)
        return undone, *_backward(saga, saga.without(pending.step), saga.reason)
    succeeded = StepSucceeded(pending.step)
    if saga.phase is Phase.FORWARD:
        return succeeded, saga.plan.after(pending.step) or SagaCompleted()
    return succeeded, *_backward(saga, (*saga.done, pending.step), saga.reason)


def _backward(saga: Saga, done: tuple[str, ...], reason: str | None) -> Events:
    return (saga.plan.undoing_last_of(done) or SagaCancelled(reason),)


def _put_off(saga: Saga, pending: Pending, put_off: PutOff, told: Report) -> Events:
    if told.trigger != pending.trigger or pending.due_at or saga.attention:
        return ()  # somebody else has tried since, or has told of the same attempt
    attempt = pending.attempts + 1
    goes_forward = saga.phase is Phase.FORWARD
    if not goes_forward and attempt >= saga.plan.undoing.most_attempts:
        return _stuck(saga, pending, KEEPS_FAILING)
    backoff = saga.plan.backoff if goes_forward else saga.plan.undoing.backoff
    due_at = told.at + timedelta(seconds=backoff.delay_s(attempt, told.chance))
    return (StepPutOff(pending.step, attempt, due_at, put_off.outcome_unknown, put_off.cause),)


def _stuck(saga: Saga, pending: Pending, why: str) -> Events:
    # Whoever comes late, and finds that a person is needed, does not say why.
    return () if saga.attention else (SagaNeedsAttention(pending.step, why),)
