"""Waiting until a projection has what one wrote oneself."""

import asyncio

from attrs import field, frozen

from ...core.eventlog import GenerationRegister, ProjectionNotBuiltError
from ...core.kernel import UnavailableError
from .doorbell import Doorbell

_FIRST_LOOK_S, _LAST_LOOK_S = 0.005, 0.05


class ProjectionBehindError(UnavailableError):
    """A projection did not get so far in time; it may a moment later."""

    def __init__(self, projection: str, *, position: int, reached: int) -> None:
        super().__init__(
            "The view is not up to date yet.", projection=projection, position=position, reached=reached
        )


@frozen
class ProjectionWatch:
    """
    Knows how far projections are.

    Args:
        moved: Rung by the worker of this process when a projection got on. Where another process has it, whoever waits
            finds out by looking, every 5 to 50 ms.
    """

    _generations: GenerationRegister
    moved: Doorbell = field(factory=Doorbell)

    async def wait_for(self, projection: str, position: int, *, timeout_s: float = 2.0) -> None:
        """
        Wait until whoever reads *projection* finds in it every event up to *position*, but for those that it deferred.

        Args:
            position: That of an event of one's own, as `EventReader.read_stream` tells after the commit.

        Raises:
            ProjectionBehindError: it was not there in time.
        """
        clock = asyncio.get_running_loop().time
        until, look_s = clock() + timeout_s, _FIRST_LOOK_S
        while True:
            rings = self.moved.rings
            reached = await self._reached(projection)
            if reached >= position:
                return
            left_s = until - clock()
            if left_s <= 0:
                raise ProjectionBehindError(projection, position=position, reached=reached)
            await self.moved.wait(rings, min(look_s, left_s))
            look_s = min(2 * look_s, _LAST_LOOK_S)

    async def _reached(self, projection: str) -> int:
        try:
            return await self._generations.reached(projection)
        except ProjectionNotBuiltError:
            return -1
