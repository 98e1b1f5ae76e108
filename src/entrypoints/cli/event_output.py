"""Events, as commands print them."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

import msgspec

from ...core.eventlog import MalformedEvent, RecordedEvent, UnknownEvent


class EventRecord(msgspec.Struct, frozen=True):
    """One event with all that is known of it, for programs."""

    position: int
    stream: str
    version: int
    type: str
    schema_version: int
    id: UUID
    occurred_at: datetime
    correlation_id: UUID
    causation_id: UUID | None
    user_id: UUID | None
    traceparent: str | None
    data: msgspec.Raw
    flaw: Literal["unknown", "malformed"] | None
    """Why this release cannot read it, if so."""

    @classmethod
    def of(cls, recorded: RecordedEvent) -> Self:
        event, envelope = recorded.event, recorded.envelope
        flaw: Literal["unknown", "malformed"] | None = None
        if isinstance(event, UnknownEvent):
            flaw = "malformed" if isinstance(event, MalformedEvent) else "unknown"
            schema_version, data = event.stored_version, event.data.encode()
        else:
            schema_version, data = event.schema_version, msgspec.json.encode(event)
        return cls(
            position=recorded.position,
            stream=str(recorded.stream),
            version=recorded.version,
            type=event.type_name(),
            schema_version=schema_version,
            id=envelope.id,
            occurred_at=envelope.occurred_at,
            correlation_id=envelope.correlation_id,
            causation_id=envelope.causation_id,
            user_id=envelope.user_id,
            traceparent=envelope.traceparent,
            data=msgspec.Raw(data),
            flaw=flaw,
        )
