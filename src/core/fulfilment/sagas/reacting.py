"""How the sagas of a plan are put to work: by a subscription, and by the clock."""

from asyncio import Semaphore
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
from ...resilience import at_work_in
from .events import StepResumed
from .open_sagas import OpenSagaQueries
from .runner import SagaRunner

Reaction = Callable[[RecordedEvent], Awaitable[object]]

_MOST_WOKEN_AT_ONCE = 100
_MOST_IN_HAND = 100
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
        at_once: How many sagas are worked on side by side. Those that wait for an answer from outside, asked for in
            its turn (`turn_to_ask`), do not count, up to a hundred: however slow that is, it holds up no other.
        also: What is done in answer to events of other streams, such as to begin sagas.
    """
    others = also or {}
    places = Semaphore(at_once)

    async def handle(recorded: RecordedEvent) -> None:
        async with at_work_in(places):
            if recorded.stream.category == runner.plan.category:
                await runner.answer(recorded)
            elif reaction := others.get(type(recorded.event)):
                await reaction(recorded)

    wanted = EventFilter(types=runner.plan.requests | {StepResumed} | others.keys())
    in_hand = max(at_once, _MOST_IN_HAND)
    return ExternalSubscription(name=name, of=wanted, handle=handle, batch=_READ_AHEAD, at_once=in_hand)


def saga_timers(runner: SagaRunner[Any], sagas: OpenSagaQueries) -> Callable[[], Awaitable[None]]:
    """What wakes those sagas that are due; to be called several times a second, by one process at a time."""

    async def wake() -> None:
        with suppress(ProjectionNotBuiltError):  # in a moment it is
            for saga in await sagas.due(runner.recorder.clock(), _MOST_WOKEN_AT_ONCE):
                if saga.category == runner.plan.category:
                    # One that nobody understands stops no other; it is seen by how long it has been at its step.
                    with suppress(UnknownEventError, MalformedEventError):
                        await runner.wake(saga.id)

    return wake
