"""The trail of what each user did: where to find it, and nothing about anybody."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..kernel import UserId
from .documents import DocumentQueries
from .envelope import RecordedEvent
from .events import StreamId
from .projections import DocumentProjection
from .subscriptions import EventFilter
from .upcasting import JsonObject


@frozen
class Act:
    """
    Where an event is that somebody brought about.

    Args:
        position: The event's, in the log.
        stream: The event's.
        version: The event's, in its stream.
        type_name: The name that it was stored under when the trail was laid.
        occurred_at: When, in UTC.
    """

    position: int
    stream: StreamId
    version: int
    type_name: str
    occurred_at: datetime


def _key(recorded: RecordedEvent) -> str | None:
    user_id = recorded.envelope.user_id
    return None if user_id is None else _key_of(user_id, recorded.position)


def _key_of(user_id: UserId, position: int) -> str:
    return f"{user_id}/{position:019}"  # as many digits as a position may have, so that keys are in its order


def _reference(_: JsonObject | None, recorded: RecordedEvent) -> JsonObject:
    return {
        "position": recorded.position,
        "category": recorded.stream.category,
        "id": str(recorded.stream.id),
        "version": recorded.version,
        "type": recorded.event.type_name(),
        "occurred_at": recorded.envelope.occurred_at.isoformat(),
    }


EVENTS_BY_ACTOR = DocumentProjection(
    name="events-by-actor", of=EventFilter(even_unreadable=True), key=_key, fold=_reference
)
"""Every event under who acted, if that is known."""


async def acts_of(
    documents: DocumentQueries, user_id: UserId, *, before: int | None = None, limit: int = 100
) -> Sequence[Act]:
    """
    What *user_id* did, newest first, *limit* at most.

    Args:
        before: Goes on before this position.

    Raises:
        ProjectionNotBuiltError: nobody has laid the trail yet.
    """
    found = await documents.list(
        EVENTS_BY_ACTOR.name,
        prefix=f"{user_id}/",
        after=None if before is None else _key_of(user_id, before),
        descending=True,
        limit=limit,
    )
    return [_act(document.body) for document in found]


def _act(body: JsonObject) -> Act:
    return Act(
        body["position"],
        StreamId(body["category"], UUID(body["id"])),
        body["version"],
        body["type"],
        datetime.fromisoformat(body["occurred_at"]),
    )
