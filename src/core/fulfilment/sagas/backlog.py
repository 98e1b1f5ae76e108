"""How sagas fare, all in all."""

from collections.abc import Sequence

from attrs import frozen

from ...kernel import Clock
from .open_sagas import OpenSagaQueries, SagaBacklog


@frozen
class SagaStanding:
    """
    How many open sagas there are at a step.

    Args:
        longest_s: How long the one has been at it that has longest, in seconds.
    """

    backlog: SagaBacklog
    longest_s: float


@frozen
class TellSagas:
    """Tell how many sagas are open, by step."""

    sagas: OpenSagaQueries
    clock: Clock

    async def __call__(self) -> Sequence[SagaStanding]:
        """
        Raises:
            ProjectionNotBuiltError.
        """
        backlog, now = await self.sagas.backlog(), self.clock()
        return [SagaStanding(each, max((now - each.since).total_seconds(), 0.0)) for each in backlog]
