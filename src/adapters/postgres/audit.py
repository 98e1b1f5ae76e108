"""The audit trail, in the event log."""

from attrs import frozen

from ...core.eventlog import Event, EventLog, Recorder, StreamId
from ...core.kernel import UserId


@frozen
class PostgresAuditTrail:
    """Streams of the log, on a connection whose transaction the caller owns."""

    _log: EventLog
    _recorder: Recorder

    async def record(self, user_id: UserId | None, *events: Event) -> None:
        stream = StreamId("access", user_id or self._recorder.new_id())
        await self._log.append(stream, self._recorder(events), None)
