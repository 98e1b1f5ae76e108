"""Waiting for a view: who is woken, and by what."""

import asyncio

from attrs import define

from quayside.core.eventlog import Generation, Lease, ProjectionNotBuiltError
from quayside.entrypoints.worker import ProjectionWatch


@define(eq=False)
class Milestones:
    """A register that tells of one projection how far it is, and counts who asks."""

    position: int | None = None
    asked: int = 0

    async def reached(self, projection: str) -> int:
        self.asked += 1
        if self.position is None:
            raise ProjectionNotBuiltError(projection)
        return self.position

    async def of(self, projection: str | None = None) -> list[Generation]:
        raise NotImplementedError

    async def build(self, projection: str, version: int) -> Generation:
        raise NotImplementedError

    async def go_live(self, generation: Generation, lease: Lease) -> bool:
        raise NotImplementedError

    async def remove(self, generation: Generation) -> None:
        raise NotImplementedError


async def test_whoever_waits_is_woken_by_the_worker_of_its_own_process() -> None:
    milestones = Milestones()
    watch = ProjectionWatch(milestones)
    waiting = asyncio.create_task(watch.wait_for("views", 7, timeout_s=5))
    await asyncio.sleep(0.1)  # by then it looks but every 50 ms
    milestones.position, milestones.asked = 7, 0

    watch.moved.ring()
    for _ in range(5):
        await asyncio.sleep(0)

    assert (waiting.done(), milestones.asked) == (True, 1)


async def test_whoever_waits_finds_out_by_looking_what_another_process_did() -> None:
    milestones = Milestones()
    waiting = asyncio.create_task(ProjectionWatch(milestones).wait_for("views", 7, timeout_s=5))
    await asyncio.sleep(0.02)
    assert not waiting.done()

    milestones.position = 8

    await waiting
