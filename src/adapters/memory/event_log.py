"""The event log in memory."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from attrs import define, field, frozen

from ...core.eventlog import (
    EVERYTHING,
    Appended,
    Event,
    EventEnvelope,
    EventFilter,
    LogSetBackError,
    MalformedEvent,
    MalformedEventError,
    RecordedEvent,
    StoredEvent,
    StreamId,
    Stretch,
    tell_of_growth,
)
from ...core.kernel import ConcurrencyConflictError, sole_transaction


def _part(
    stream: Sequence[RecordedEvent], after_version: int, limit: int | None, *, even_malformed: bool = False
) -> Sequence[RecordedEvent]:
    part = stream[after_version:][:limit]
    for event in (each.event for each in part):
        if isinstance(event, MalformedEvent) and not even_malformed:
            raise MalformedEventError(event.stored_type, event.stored_version)
    return part


@define(eq=False)
class MemoryEventReader:
    """What was committed: positions count from 1 without gaps."""

    _recorded: list[RecordedEvent] = field(factory=list, init=False)
    _streams: defaultdict[StreamId, list[RecordedEvent]] = field(
        factory=lambda: defaultdict(list), init=False
    )

    async def read_stream(
        self,
        stream: StreamId,
        *,
        after_version: int = 0,
        limit: int | None = None,
        even_malformed: bool = False,
    ) -> Sequence[RecordedEvent]:
        return _part(self.stream(stream), after_version, limit, even_malformed=even_malformed)

    async def read_events(
        self, stream: StreamId, *, after_version: int = 0, limit: int | None = None
    ) -> Sequence[Event]:
        return [each.event for each in _part(self.stream(stream), after_version, limit)]

    async def read_all(self, *, after_position: int = 0, limit: int = 500) -> Sequence[RecordedEvent]:
        return self._recorded[after_position:][:limit]

    def stream(self, stream: StreamId) -> Sequence[RecordedEvent]:
        """The whole of *stream*."""
        return self._streams.get(stream, ())

    def streams(self) -> Sequence[StreamId]:
        """Every stream, in the order in which they began."""
        return [*self._streams]

    @property
    def last_position(self) -> int:
        """The position of the newest event, 0 before the first."""
        return len(self._recorded)

    def extend(self, events: Sequence[RecordedEvent]) -> None:
        """Add *events*, which follow on the newest one."""
        for recorded in events:
            self._recorded.append(recorded)
            self._streams[recorded.stream].append(recorded)


@frozen
class MemoryLogFollower:
    """Follows what was committed; a position is drawn when its event is, so there is never a gap."""

    _committed: MemoryEventReader

    async def read(self, *, after_position: int, limit: int = 500, of: EventFilter = EVERYTHING) -> Stretch:
        if after_position > self._committed.last_position:
            raise LogSetBackError(after_position)
        recorded = await self._committed.read_all(after_position=after_position, limit=limit)
        return Stretch([each for each in recorded if of.lets_through(each)], after_position + len(recorded))

    async def newest(self) -> int:
        return self._committed.last_position

    async def next_since(self, position: int) -> datetime | None:
        for recorded in await self._committed.read_all(after_position=position, limit=1):
            return recorded.envelope.occurred_at
        return None

    async def end(self) -> int:
        return self._committed.last_position


@frozen
class MemoryStoredLog:
    """What was committed, stream by stream in the order in which they began; each event is as it was appended."""

    _committed: MemoryEventReader

    async def events_after(self, last: StoredEvent | None, limit: int) -> Sequence[StoredEvent]:
        streams = self._committed.streams()
        begun = streams.index(last.stream) if last else 0
        rest = (each for stream in streams[begun:] for each in self._committed.stream(stream))
        after = (
            each for each in rest if last is None or each.stream != last.stream or each.version > last.version
        )
        return [self._stored(each) for each in islice(after, limit)]

    async def streams_after(self, last: StreamId | None, limit: int) -> Sequence[tuple[StreamId, bool]]:
        streams = self._committed.streams()
        begin = streams.index(last) + 1 if last else 0
        return [(stream, True) for stream in streams[begin : begin + limit]]

    def _stored(self, recorded: RecordedEvent) -> StoredEvent:
        return StoredEvent(
            stream=recorded.stream,
            version=recorded.version,
            position=recorded.position,
            stream_version=len(self._committed.stream(recorded.stream)),
            type_name=recorded.event.type_name(),
            schema_version=recorded.event.schema_version,
            event=recorded.event,
        )


@frozen
class _Append:
    """What a writer asked for; done when it asks, and once more against whatever is committed by then."""

    stream: StreamId
    events: tuple[EventEnvelope, ...]
    expected_version: int | None


@define(eq=False)
class MemoryEventLog:
    """
    The log inside one transaction: what is committed, then what this transaction appended.

    Nothing is locked. When it commits, every append is asked for again, so of two transactions that were open at
    once and expected the same version, the one that commits first wins.
    """

    _committed: MemoryEventReader
    _appends: list[_Append] = field(factory=list, init=False)
    _staged: list[RecordedEvent] = field(factory=list, init=False)

    async def append(
        self, stream: StreamId, events: Sequence[EventEnvelope], expected_version: int | None
    ) -> int:
        append = _Append(stream, tuple(events), expected_version)
        version = self._stage(append)
        self._appends.append(append)
        return version

    async def read_stream(
        self,
        stream: StreamId,
        *,
        after_version: int = 0,
        limit: int | None = None,
        even_malformed: bool = False,
    ) -> Sequence[RecordedEvent]:
        return _part(self._stream(stream), after_version, limit, even_malformed=even_malformed)

    async def read_events(
        self, stream: StreamId, *, after_version: int = 0, limit: int | None = None
    ) -> Sequence[Event]:
        return [each.event for each in _part(self._stream(stream), after_version, limit)]

    async def read_all(self, *, after_position: int = 0, limit: int = 500) -> Sequence[RecordedEvent]:
        committed = await self._committed.read_all(after_position=after_position, limit=limit)
        staged = [recorded for recorded in self._staged if recorded.position > after_position]
        return [*committed, *staged][:limit]

    def validate(self) -> None:
        """
        Append everything again, after what others have committed meanwhile.

        Raises:
            ConcurrencyConflictError: another transaction committed to one of the streams first.
        """
        self._staged.clear()
        for append in self._appends:
            self._stage(append)

    @property
    def appended(self) -> dict[StreamId, int]:
        """The versions of the streams that there is anything to publish of."""
        return {recorded.stream: recorded.version for recorded in self._staged}

    def publish(self) -> None:
        """Make the staged events everybody's."""
        self._committed.extend(self._staged)
        self._staged.clear()
        self._appends.clear()

    def _stream(self, stream: StreamId) -> Sequence[RecordedEvent]:
        return [
            *self._committed.stream(stream),
            *(staged for staged in self._staged if staged.stream == stream),
        ]

    def _stage(self, append: _Append) -> int:
        stored = self._stream(append.stream)
        actual, expected = len(stored), append.expected_version
        if expected is None or expected == actual:
            position = self._committed.last_position + len(self._staged)
            self._staged += (
                RecordedEvent(position + nth, append.stream, actual + nth, envelope)
                for nth, envelope in enumerate(append.events, start=1)
            )
            return actual + len(append.events)
        again = [recorded.envelope.id for recorded in stored[expected:][: len(append.events)]]
        if again and again == [envelope.id for envelope in append.events]:
            return expected + len(append.events)
        raise ConcurrencyConflictError(str(append.stream), expected=expected, actual=actual)


@define(eq=False)
class MemoryCommittedLog(MemoryEventLog):
    """
    The log outside of transactions: nothing is awaited between asking and publishing.

    Args:
        tell: Told after each append by which the log has grown.
    """

    _tell: Appended

    async def append(
        self, stream: StreamId, events: Sequence[EventEnvelope], expected_version: int | None
    ) -> int:
        with sole_transaction():
            version = await super().append(stream, events, expected_version)
            appended = self.appended
            self.publish()
        if appended:
            await tell_of_growth(self._tell, appended)
        return version
