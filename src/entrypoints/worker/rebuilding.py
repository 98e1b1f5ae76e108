"""Building a projection anew, while somebody watches."""

import asyncio
from collections.abc import Callable

from attrs import evolve, frozen

from ...core.eventlog import (
    Generation,
    GenerationRegister,
    GenerationStatus,
    Projection,
    SubscriptionNotFoundError,
    SubscriptionState,
)
from ...core.kernel import ConflictError, NotFoundError
from .subscriptions import Tx
from .worker import Worker, at_work

_LOOK_EVERY_S = 0.1


class ProjectionNotFoundError(NotFoundError):
    """Nobody declares a projection of that name."""

    def __init__(self, name: str) -> None:
        super().__init__("There is no such projection.", projection=name)


class RebuildFailedError(ConflictError):
    """The new generation will not take the place of the old one, which goes on."""


@frozen
class RebuildProgress:
    """
    How far a rebuild is.

    Args:
        done: Positions of the log it has passed.
        total: Positions that the log has by now.
        elapsed_s: Since somebody watches, in seconds.
        done_since: Positions passed since then.
    """

    done: int
    total: int
    elapsed_s: float
    done_since: int

    @property
    def per_s(self) -> float:
        """Positions passed in a second."""
        return self.done_since / self.elapsed_s if self.elapsed_s > 0 else 0.0


async def rebuild(worker: Worker[Tx], name: str, tell: Callable[[RebuildProgress], object]) -> None:
    """
    Build one of *worker*'s projections anew, beside the one that is read, and return when it has taken its place.

    Does the work itself, unless another process is at it. A rebuild that was interrupted goes on where it was, here or
    in any worker.

    Args:
        worker: Does that work and nothing else.
        tell: Called ten times a second.

    Raises:
        ProjectionNotFoundError.
        RebuildFailedError: it cannot be ended as it is.
    """
    projection = _declared(worker, name)
    generations = worker.generations
    assert generations is not None  # where there are projections
    generation = await generations.build(name, projection.version)
    alone = evolve(worker, projections=[projection], subscriptions=(), jobs=())
    clock = asyncio.get_running_loop().time
    began_at, began = clock(), (await _state(worker, generation))[0]
    async with at_work(alone):
        while not await _is_live(generations, generation):
            done, parked = await _state(worker, generation)
            if parked:
                raise RebuildFailedError(
                    "It could not handle an event; retry or discard that.",
                    subscription=generation.subscription,
                )
            total = await worker.at.follower.newest()
            tell(RebuildProgress(min(done, total), total, clock() - began_at, done - began))
            await asyncio.sleep(_LOOK_EVERY_S)
    total = await worker.at.follower.newest()
    tell(RebuildProgress(total, total, clock() - began_at, total - began))


def _declared(worker: Worker[Tx], name: str) -> Projection[Tx]:
    for projection in worker.projections:
        if projection.name == name:
            return projection
    raise ProjectionNotFoundError(name)


async def _is_live(generations: GenerationRegister, generation: Generation) -> bool:
    for each in await generations.of(generation.projection):
        if each.number == generation.number and each.status is not GenerationStatus.RETIRED:
            return each.status is GenerationStatus.LIVE
    raise RebuildFailedError("Another rebuild has taken its place.", projection=generation.projection)


async def _state(worker: Worker[Tx], generation: Generation) -> tuple[int, int]:
    """How far it is, and how many events it has parked."""
    try:
        state: SubscriptionState = await worker.register.state(generation.subscription)
    except SubscriptionNotFoundError:
        return 0, 0
    return state.position, state.parked
