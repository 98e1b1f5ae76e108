"""Generations of projections, in memory."""

from collections.abc import Iterator, MutableMapping, Sequence
from itertools import count
from typing import TypeVar

from attrs import define, evolve, field

from ...core.eventlog import DeferredEvent, Generation, GenerationStatus, Lease, ProjectionNotBuiltError
from .subscriptions import DeferredKey, SubscriptionRow, leased_there

K = TypeVar("K")
V = TypeVar("V")


def forget(rows: MutableMapping[tuple[int, K], V], generation: int) -> int:
    """Delete those of *rows* that are of *generation*, and tell how many they were."""
    theirs = [key for key in rows if key[0] == generation]
    for key in theirs:
        del rows[key]
    return len(theirs)


@define(eq=False)
class Generations:
    """Those there are, by number."""

    rows: dict[int, Generation] = field(factory=dict, init=False)
    _numbers: Iterator[int] = field(factory=lambda: count(1), init=False)

    def add(self, projection: str, version: int) -> Generation:
        """A new one, to be built."""
        generation = Generation(projection, next(self._numbers), version, GenerationStatus.BUILDING)
        self.rows[generation.number] = generation
        return generation

    def one(self, projection: str, status: GenerationStatus) -> Generation | None:
        """The one of *projection* in *status*."""
        theirs = (it for it in self.rows.values() if it.projection == projection and it.status == status)
        return next(theirs, None)

    def live(self, projection: str) -> Generation:
        """
        The one of *projection* that is read.

        Raises:
            ProjectionNotBuiltError.
        """
        live = self.one(projection, GenerationStatus.LIVE)
        if live is None:
            raise ProjectionNotBuiltError(projection)
        return live


@define(eq=False)
class MemoryGenerationRegister:
    """Nothing is awaited, so each call is atomic."""

    _generations: Generations
    _subscriptions: dict[str, SubscriptionRow]
    _deferred: dict[DeferredKey, DeferredEvent]

    async def of(self, projection: str | None = None) -> Sequence[Generation]:
        rows = self._generations.rows
        return [rows[number] for number in sorted(rows) if projection in (None, rows[number].projection)]

    async def build(self, projection: str, version: int) -> Generation:
        building = self._generations.one(projection, GenerationStatus.BUILDING)
        if building is not None:
            if building.version == version:
                return building
            self._retire(building)
        return self._generations.add(projection, version)

    async def go_live(self, generation: Generation, lease: Lease) -> bool:
        position = leased_there(self._subscriptions, lease).position
        live = self._generations.one(generation.projection, GenerationStatus.LIVE)
        if self._deferred_by(generation) or (live and self._position(live) > position):
            return False
        if live is not None:
            self._retire(live)
        self._generations.rows[generation.number] = evolve(generation, status=GenerationStatus.LIVE)
        return True

    async def remove(self, generation: Generation) -> None:
        self._forget_subscription(generation)
        self._generations.rows.pop(generation.number, None)

    async def reached(self, projection: str) -> int:
        return self._position(self._generations.live(projection))

    def _retire(self, generation: Generation) -> None:
        self._forget_subscription(generation)
        self._generations.rows[generation.number] = evolve(generation, status=GenerationStatus.RETIRED)

    def _forget_subscription(self, generation: Generation) -> None:
        self._subscriptions.pop(generation.subscription, None)
        for key in self._deferred_by(generation):
            del self._deferred[key]

    def _deferred_by(self, generation: Generation) -> list[DeferredKey]:
        return [key for key in self._deferred if key[0] == generation.subscription]

    def _position(self, generation: Generation) -> int:
        row = self._subscriptions.get(generation.subscription)
        return row.position if row else 0
