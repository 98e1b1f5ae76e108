"""Why something happens: who acts, in answer to what. Set once by the API or worker, read by whatever is recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from attrs import frozen

from ..kernel import UserId
from .events import EventId


@frozen
class Origin:
    """
    What every event recorded from here on has in common.

    Args:
        correlation_id: Shared by all that one outside request set off.
        causation_id: The event that is being reacted to, if one is.
        user_id: Who acts, if that is known.
        traceparent: W3C Trace Context of the present span.
    """

    correlation_id: UUID | None = None
    causation_id: EventId | None = None
    user_id: UserId | None = None
    traceparent: str | None = None

    def by(self, user_id: UserId) -> "Origin":
        """The same, now that it is known who acts."""
        return Origin(self.correlation_id, self.causation_id, user_id, self.traceparent)


_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())


def present_origin() -> Origin:
    """The origin of whatever the present task does."""
    return _origin.get()


@contextmanager
def acting_for(origin: Origin) -> Iterator[None]:
    """Record everything done inside as coming from *origin*."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)
