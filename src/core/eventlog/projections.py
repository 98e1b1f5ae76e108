"""Views of the log that can be thrown away and built anew."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from attrs import Attribute, field, frozen

from .documents import Documents
from .envelope import RecordedEvent
from .generations import Generation
from .leases import JOB_PREFIX
from .subscriptions import EVERYTHING, EventFilter, Subscription
from .upcasting import JsonObject

T = TypeVar("T", contravariant=True)  # noqa: PLC0105 - the usual letter
Tx = TypeVar("Tx")

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class Projection(Protocol[T]):
    """
    Makes rows of events, of each generation apart. `DocumentProjection` is one; another has tables of its own.

    Whoever reads such a table reads the rows of the live generation, in the same statement that finds out which that
    is.
    """

    @property
    def name(self) -> str:
        """Unique and for ever."""
        ...

    @property
    def version(self) -> int:
        """Grows with every change of what is made of events: then everything is made anew."""
        ...

    @property
    def of(self) -> EventFilter:
        """The events it wants."""
        ...

    async def project(self, tx: T, generation: int, events: Sequence[RecordedEvent]) -> None:
        """Change the rows of *generation* by what *events* tell, which come in the order of the log."""
        ...

    async def forget(self, tx: T, generation: int) -> int:
        """Delete some of the rows of *generation*, and tell how many; 0 when there are none left."""
        ...


class DocumentTransaction(Protocol):
    """What a `DocumentProjection` needs of a transaction."""

    @property
    def documents(self) -> Documents: ...


def _stream_id(recorded: RecordedEvent) -> str:
    return str(recorded.stream.id)


def _is_a_name(_: object, attribute: "Attribute[str]", name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{attribute.name}: {name!r} is not in lower case, digits and hyphens, 40 at most")
    if f"{name}-".startswith(JOB_PREFIX):
        raise ValueError(f"{attribute.name}: what fills {name!r} would be taken for a job")


@frozen(kw_only=True)
class DocumentProjection:
    """
    Folds events into JSON documents.

    Where a document is made of several streams, an event that was put off comes later than those of
    other streams.

    Args:
        name: Unique and for ever.
        version: Grows with every change of *of*, *key* or *fold*: then all documents are made anew.
        of: The events it wants.
        key: Of the document that an event changes; None if there is no such document. By default, its stream's id.
        fold: Given the document, or None where there is none yet, and the event: what the document is then, None to
            delete it. Pure: it asks nobody, and the same events give the same documents for ever.
    """

    name: str = field(validator=_is_a_name)
    version: int = 1
    of: EventFilter = EVERYTHING
    key: Callable[[RecordedEvent], str | None] = _stream_id
    fold: Callable[[JsonObject | None, RecordedEvent], JsonObject | None]

    async def project(
        self, tx: DocumentTransaction, generation: int, events: Sequence[RecordedEvent]
    ) -> None:
        keys = {key for recorded in events if (key := self.key(recorded)) is not None}
        documents = await tx.documents.load(generation, keys)
        await tx.documents.store(generation, self._changed(documents, events))

    async def forget(self, tx: DocumentTransaction, generation: int) -> int:
        return await tx.documents.forget(generation)

    def folded(self, events: Iterable[RecordedEvent]) -> dict[str, JsonObject]:
        """The documents that *events* lead to, if nothing else ever happened: for tests."""
        wanted = [recorded for recorded in events if self.of.lets_through(recorded)]
        changed = self._changed({}, wanted)
        return {key: document for key, document in changed.items() if document is not None}

    def _changed(
        self, documents: Mapping[str, JsonObject], events: Iterable[RecordedEvent]
    ) -> dict[str, JsonObject | None]:
        """What becomes of those of *documents* that *events* concern."""
        changed: dict[str, JsonObject | None] = {}
        for recorded in events:
            key = self.key(recorded)
            if key is not None:
                document = changed[key] if key in changed else documents.get(key)
                changed[key] = self.fold(document, recorded)
        return changed


def filling(projection: Projection[Tx], generation: Generation) -> Subscription[Tx]:
    """The subscription by which *projection* fills *generation*."""

    async def handle(tx: Tx, recorded: RecordedEvent) -> None:
        await projection.project(tx, generation.number, [recorded])

    async def handle_batch(tx: Tx, events: Sequence[RecordedEvent]) -> None:
        await projection.project(tx, generation.number, events)

    return Subscription(
        name=generation.subscription, of=projection.of, handle=handle, handle_batch=handle_batch
    )
