"""The audit trail, in the event log."""

from attrs import frozen

from ...core.eventlog import Event, Recorder, StreamId
from ...core.kernel import UserId
from .event_log import MemoryEventLog


@frozen
class MemoryAuditTrail:
    """Streams of the log of one transaction."""

    _log: MemoryEventLog
    _recorder: Recorder

    async def record(self, user_id: UserId | None, *events: Event) -> None:
        stream = StreamId("access", user_id or self._recorder.new_id())
        await self._log.append(stream, self._recorder(events), None)
