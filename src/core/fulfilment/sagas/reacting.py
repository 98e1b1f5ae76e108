"""How the sagas of a plan are put to work: by a subscription, and by the clock."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ...eventlog import (
    Event,
    EventFilter,
    ExternalSubscription,
    MalformedEventError,
    ProjectionNotBuiltError,
    RecordedEvent,
    UnknownEventError,
)
from .events import StepResumed
from .open_sagas import OpenSagaQueries
from .runner import SagaRunner

Reaction = Callable[[RecordedEvent], Awaitable[object]]

_MOST_AT_ONCE = 100
_READ_AHEAD = 500


def saga_work(
    name: str,
    runner: SagaRunner[Any],
    *,
    at_once: int,
    also: dict[type[Event], Reaction] | None = None,
) -> ExternalSubscription:
    """
    The subscription that does what sagas request.

    Args:
        name: Of the subscription.
        at_once: How many sagas are worked on side by side.
        also: What is done in answer to events of other streams, such as to begin sagas.
    """
    others = also or {}

    async def handle(recorded: RecordedEvent) -> None:
        if recorded.stream.category == runner.plan.category:
            await runner.answer(recorded)
        elif reaction := others.get(type(recorded.event)):
            await reaction(recorded)

    wanted = EventFilter(types=runner.plan.requests | {StepResumed} | others.keys())
    return ExternalSubscription(name=name, of=wanted, handle=handle, batch=_READ_AHEAD, at_once=at_once)


def saga_timers(runner: SagaRunner[Any], sagas: OpenSagaQueries) -> Callable[[], Awaitable[None]]:
    """What wakes those sagas that are due; to be called several times a second, by one process at a time."""

    async def wake() -> None:
        with suppress(ProjectionNotBuiltError):  # in a moment it is
            for saga in await sagas.due(runner.recorder.clock(), _MOST_AT_ONCE):
                if saga.category == runner.plan.category:
                    # One that nobody understands stops no other; it is seen by how long it has been at its step.
                    with suppress(UnknownEventError, MalformedEventError):
                        await runner.wake(saga.id)

    return wake
