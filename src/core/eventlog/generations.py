"""Generations of a projection: the one that is read, and the one that is built to take its place."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from .leases import Lease


class GenerationStatus(StrEnum):
    """What a generation is for."""

    BUILDING = "building"
    """It is on its way through the log, and nobody reads it."""
    LIVE = "live"
    """It is the one that is read."""
    RETIRED = "retired"
    """It is about to be removed."""


@frozen
class Generation:
    """
    Everything that a projection made of the log, once.

    Args:
        projection: Whose.
        number: Unique among all generations of all projections, for ever.
        version: The version of the projection that makes it.
        status: What it is for.
    """

    projection: str
    number: int
    version: int
    status: GenerationStatus

    @property
    def subscription(self) -> str:
        """The name of the subscription that fills it."""
        return f"{self.projection}-{self.number}"


def is_of_a_generation(subscription: str, projection: str) -> bool:
    """Whether *subscription* is a name under which some generation of *projection* may be filled."""
    begin, _, number = subscription.rpartition("-")
    return begin == projection and number.isdecimal()


class GenerationRegister(Protocol):
    """
    All generations of all projections. Each call stands for itself, outside every transaction, and is atomic.
    Contract: tests/contract/test_generations.py.
    """

    async def of(self, projection: str | None = None) -> Sequence[Generation]:
        """The generations of one projection, or of all, by number."""
        ...

    async def build(self, projection: str, version: int) -> Generation:
        """
        The generation that is being built by *version*: a new one, unless there is one already.

        One that is being built by another version is retired.
        """
        ...

    async def go_live(self, generation: Generation, lease: Lease) -> bool:
        """
        Let *generation* be read from now on, and retire the one that was; tell whether that came to pass.

        It does not while the other is further, since readers would miss what they have seen, nor while an event is
        deferred or parked.

        Args:
            lease: That of its subscription.

        Raises:
            LeaseLostError: somebody else builds it, or nobody any more, or it is not where *lease* says.
        """
        ...

    async def remove(self, generation: Generation) -> None:
        """Forget a retired generation, and its subscription with what that has deferred; it has no rows any more."""
        ...

    async def reached(self, projection: str) -> int:
        """
        Up to which position the live generation has every event that it wants, but for those it deferred.

        Raises:
            ProjectionNotBuiltError.
        """
        ...
