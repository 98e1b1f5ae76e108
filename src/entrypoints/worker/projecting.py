"""Projections at work in this process: generations are begun, filled, swapped in and removed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Generic

from attrs import define, evolve, field

from ...core.eventlog import (
    Delivery,
    DeliverySurroundings,
    Generation,
    GenerationRegister,
    GenerationStatus,
    Projection,
    Stretch,
)
from .doorbell import Doorbell
from .subscriptions import LeasedSubscription, Tx
from .tenure import Tenure

_LOOK_EVERY_S = 0.5


@define(eq=False)
class LeasedGeneration(LeasedSubscription[Tx]):
    """One generation of a projection, while this process has the lease of its subscription."""

    _generation: Generation
    _generations: GenerationRegister
    _moved: Doorbell
    _aim: int | None = field(default=None, init=False)  # where the log ended when it last came to no gap

    async def work(self, held: Tenure) -> None:
        """Fill it until the tenure is over; once it has caught up, let it be read."""
        self._aim = None
        known = {each.number: each for each in await self._generations.of(self._generation.projection)}
        present = known.get(self._generation.number)
        if present is not None and present.status is not GenerationStatus.RETIRED:
            self._generation = present
            await super().work(held)
            return
        if present is None:
            await self._generations.remove(self._generation)  # whose subscription the lease has brought back
        await self.pause(_LOOK_EVERY_S)  # by then whoever keeps the projection has ended this

    async def step(self, delivery: Delivery[Tx, Any]) -> Stretch:
        before, newest = delivery.position, None
        if self._generation.status is GenerationStatus.BUILDING:
            newest = await self._at.follower.newest()
        stretch = await delivery.step()
        if newest is not None and await self._has_caught_up(delivery.position, stretch, newest):
            await self._go_live(delivery)
        if delivery.position != before:
            self._moved.ring()
        return stretch

    async def _has_caught_up(self, position: int, stretch: Stretch, newest: int) -> bool:
        """Whether it has what there was; of one that replaces another less will do: that waits at the gap, too."""
        if not stretch.gap or self._aim is None:
            self._aim = newest
        return position >= self._aim or (stretch.gap and await self._is_to_replace())

    async def _is_to_replace(self) -> bool:
        generations = await self._generations.of(self._generation.projection)
        return any(each.status is GenerationStatus.LIVE for each in generations)

    async def _go_live(self, delivery: Delivery[Tx, Any]) -> None:
        await delivery.close()
        if await self._generations.go_live(self._generation, delivery.lease):
            self._generation = evolve(self._generation, status=GenerationStatus.LIVE)
            self._moved.ring()


@define(eq=False)
class ProjectionKeeper(Generic[Tx]):
    """
    Sees to one projection: begins its first generation, and another when its version has grown; has those filled
    that are of its version, and removes those that are retired.

    One of a smaller version is left to processes of the release that declares it.

    Args:
        filler: Makes the work of filling a generation.
        stop: Set when it is to end.
    """

    _projection: Projection[Tx]
    _at: DeliverySurroundings[Tx]
    _generations: GenerationRegister
    _filler: Callable[[Generation], LeasedGeneration[Tx]]
    _stop: asyncio.Event
    _at_work: dict[int, tuple[str, asyncio.Task[None]]] = field(factory=dict, init=False)

    async def run(self) -> None:
        """Look after it until told to stop, and then wait for those that fill generations."""
        async with asyncio.TaskGroup() as group:
            while not self._stop.is_set():
                try:
                    await self._look(group)
                except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the work for good
                    self._at.observer.stalled(self._projection.name, error, _LOOK_EVERY_S)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._stop.wait()

    async def _look(self, group: asyncio.TaskGroup) -> None:
        name, version = self._projection.name, self._projection.version
        generations = await self._generations.of(name)
        current = [each for each in generations if each.status is not GenerationStatus.RETIRED]
        if all(each.version < version for each in current):
            current.append(await self._generations.build(name, version))
        mine = {each.number: each for each in current if each.version == version}
        for number in self._at_work.keys() - mine.keys():
            subscription, task = self._at_work.pop(number)
            task.add_done_callback(partial(self._forget, subscription))
            task.cancel()
        for number in mine.keys() - self._at_work.keys():
            task = group.create_task(self._filler(mine[number]).run())
            self._at_work[number] = mine[number].subscription, task
        for each in generations:
            if each.status is GenerationStatus.RETIRED:
                await self._remove(each)

    def _forget(self, subscription: str, _: asyncio.Task[None]) -> None:
        self._at.observer.removed(subscription)

    async def _remove(self, generation: Generation) -> None:
        forgotten = 1
        while forgotten:
            if self._stop.is_set():
                return  # somebody else goes on with it
            async with self._at.begin() as tx:
                forgotten = await self._projection.forget(tx, generation.number)
        await self._generations.remove(generation)
