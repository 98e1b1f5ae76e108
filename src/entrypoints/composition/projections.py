"""Which views of the log there are, and how they fare."""

import attrs
from attrs import frozen

from ...core.eventlog import (
    EVENTS_BY_ACTOR,
    Generation,
    GenerationStatus,
    Projection,
    SubscriptionState,
)
from ...core.fulfilment import ORDER_FULFILMENT, OpenSagaProjection
from ...core.ordering import ORDER_SUMMARIES
from .application import Application
from .storage import Transaction

PROJECTIONS: tuple[Projection[Transaction], ...] = (
    EVENTS_BY_ACTOR,
    ORDER_SUMMARIES,
    OpenSagaProjection((ORDER_FULFILMENT,)),
)
"""Every view that this release keeps."""


@frozen(kw_only=True)
class ProjectionState:
    """
    One generation of a projection, or a projection without any.

    Args:
        declared_version: That of this release; None if it does not declare the projection.
        generation: Its number.
        version: The version that makes it.
        position: Everything up to here is in it, or deferred.
        newest: Where the log ends.
    """

    projection: str
    declared_version: int | None
    generation: int | None = None
    version: int | None = None
    status: GenerationStatus | None = None
    position: int = 0
    newest: int
    deferred: int = 0
    parked: int = 0


async def projection_states(application: Application) -> list[ProjectionState]:
    """Every generation of every projection, by name and number; and those projections that have none."""
    storage = application.storage
    newest = await storage.follower.newest()
    subscriptions = {state.name: state for state in await storage.subscriptions.states()}
    declared = {projection.name: projection.version for projection in PROJECTIONS}
    generations = await storage.generations.of()
    states = [
        _state(each, declared.get(each.projection), subscriptions.get(each.subscription), newest)
        for each in generations
    ]
    missing = declared.keys() - {each.projection for each in generations}
    states += [
        ProjectionState(projection=name, declared_version=declared[name], newest=newest) for name in missing
    ]
    return sorted(states, key=lambda state: (state.projection, state.generation or 0))


def _state(
    generation: Generation, declared: int | None, subscription: SubscriptionState | None, newest: int
) -> ProjectionState:
    state = ProjectionState(
        projection=generation.projection,
        declared_version=declared,
        generation=generation.number,
        version=generation.version,
        status=generation.status,
        newest=newest,
    )
    if subscription is None:
        return state
    return attrs.evolve(
        state,
        position=subscription.position,
        deferred=subscription.deferred,
        parked=subscription.parked,
    )
