"""Views of no context, and those who keep them up to date."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from attrs import define, evolve, field

from quayside.core.eventlog import (
    DeliverySurroundings,
    DocumentProjection,
    DocumentQueries,
    DocumentTransaction,
    EventFilter,
    GenerationRegister,
    JsonObject,
    Projection,
    ProjectionNotBuiltError,
    RecordedEvent,
    RetryTerms,
    StreamId,
)
from quayside.core.kernel import Backoff
from quayside.entrypoints.worker import ProjectionWatch, Worker

from .events import a_stream, notes
from .subscribers import NOTES, LogStorage, text_of

LEASE_S = 0.1


def counted(document: JsonObject | None, recorded: RecordedEvent) -> JsonObject | None:
    """Counts how often something was noted; what is noted with a minus is forgotten."""
    if text_of(recorded).startswith("-"):
        return None
    return {"times": (document["times"] if document else 0) + 1}


TALLY = DocumentProjection(name="tally", of=NOTES, key=lambda it: text_of(it).lstrip("-"), fold=counted)


def collected(document: JsonObject | None, recorded: RecordedEvent) -> JsonObject:
    """Keeps everything that was noted in a stream, in its order."""
    return {"texts": [*(document["texts"] if document else []), text_of(recorded)]}


SAYINGS = DocumentProjection(name="sayings", of=EventFilter(categories=frozenset({"saying"})), fold=collected)


@define(eq=False)
class Held:
    """A projection that stops before some of what it is given, until it is let go on."""

    projection: DocumentProjection = TALLY
    stops: Callable[[int, RecordedEvent], bool] = lambda generation, recorded: True
    stopped: asyncio.Event = field(factory=asyncio.Event)
    let_go: asyncio.Event = field(factory=asyncio.Event)

    @property
    def name(self) -> str:
        return self.projection.name

    @property
    def version(self) -> int:
        return self.projection.version

    @property
    def of(self) -> EventFilter:
        return self.projection.of

    async def project(
        self, tx: DocumentTransaction, generation: int, events: Sequence[RecordedEvent]
    ) -> None:
        if any(self.stops(generation, recorded) for recorded in events):
            self.stopped.set()
            await self.let_go.wait()
        await self.projection.project(tx, generation, events)

    async def forget(self, tx: DocumentTransaction, generation: int) -> int:
        return await self.projection.forget(tx, generation)


class ViewStorage(LogStorage, Protocol):
    """What every store shows of the log and of views."""

    @property
    def generations(self) -> GenerationRegister: ...
    @property
    def documents(self) -> DocumentQueries: ...


@define(eq=False)
class Gallery:
    """Views on a store, and workers that keep them."""

    storage: ViewStorage
    stream: StreamId = field(factory=a_stream)
    watch: ProjectionWatch = field(init=False)

    @watch.default
    def _watch(self) -> ProjectionWatch:
        return ProjectionWatch(self.storage.generations)

    @property
    def surroundings(self) -> DeliverySurroundings[Any]:
        storage = self.storage
        return DeliverySurroundings(
            begin=storage.begin,
            follower=storage.follower,
            reader=storage.events,
            deferred=storage.deferred_events,
            clock=lambda: datetime.now(UTC),
            chance=lambda: 0.999,
            terms=RetryTerms(1, Backoff(first_s=1, most_s=1)),
        )

    def worker(self, projection: Projection[Any] = TALLY) -> Worker[Any]:
        return Worker(
            at=self.surroundings,
            register=self.storage.subscriptions,
            projections=[projection],
            generations=self.storage.generations,
            moved=self.watch.moved,
            lease_s=LEASE_S,
        )

    async def noted(self, *texts: str) -> int:
        """The position of the last one."""
        async with self.storage.begin() as tx:
            version = await tx.events.append(self.stream, notes(*texts), None)
        [last] = await self.storage.events.read_stream(self.stream, after_version=version - 1)
        return last.position

    async def sees(self, position: int) -> dict[str, int]:
        await self.watch.wait_for("tally", position, timeout_s=5)
        return await self.tally()

    async def tally(self) -> dict[str, int]:
        return {it.key: it.body["times"] for it in await self.storage.documents.list("tally")}

    async def statuses(self) -> list[tuple[int, str]]:
        return [(each.version, each.status.value) for each in await self.storage.generations.of("tally")]

    async def comes_to(self, *statuses: tuple[int, str]) -> None:
        async with asyncio.timeout(5):
            while await self.statuses() != [*statuses]:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.005)

    async def is_unbuilt(self) -> bool:
        try:
            await self.tally()
        except ProjectionNotBuiltError:
            return True
        return False


def of_version(version: int, projection: DocumentProjection = TALLY) -> DocumentProjection:
    return evolve(projection, version=version)
