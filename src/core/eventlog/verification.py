"""Whether the log is whole: looked at as it lies there, in the order of streams."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import define, field, frozen

from .events import Event, StreamId, UnknownEvent

_MOST_TOLD = 1_000


@frozen(kw_only=True)
class StoredEvent:
    """
    An event as it lies in the log, whatever state that is in.

    Args:
        stream_version: The version that its stream says it has; None where it says nothing.
        event: None where what is stored is not a valid event of its type.
    """

    stream: StreamId
    version: int
    position: int
    stream_version: int | None
    type_name: str
    schema_version: int
    event: Event | None


class StoredLog(Protocol):
    """
    The whole log as it is stored, stream by stream. Contract: tests/contract/test_stored_log.py.

    Each read is a view of one moment. In what order the streams come is the store's own affair, but always the same.
    """

    async def events_after(self, last: StoredEvent | None, limit: int) -> Sequence[StoredEvent]:
        """What follows on *last*: the rest of its stream in order of version, then the streams after it."""
        ...

    async def streams_after(self, last: StreamId | None, limit: int) -> Sequence[tuple[StreamId, bool]]:
        """The streams that follow on *last*, each with whether it has any event."""
        ...


@frozen
class Flaw:
    """
    Something that is wrong with the log.

    Args:
        position: Of the event at which it was found, if it was at one.
        what: For a person.
    """

    stream: StreamId
    position: int | None
    what: str


@define(eq=False)
class LogReport:
    """
    What was found in the log.

    Args:
        events: How many were looked at.
        unknown: How many of each type and schema version are not known to this release. That is no flaw: they are kept.
        flaws: The first thousand.
        flaw_count: All of them.
    """

    events: int = 0
    streams: int = 0
    unknown: Counter[tuple[str, int]] = field(factory=Counter)
    flaws: list[Flaw] = field(factory=list)
    flaw_count: int = 0

    def blame(self, stream: StreamId, position: int | None, what: str) -> None:
        """Note a flaw."""
        self.flaw_count += 1
        if len(self.flaws) < _MOST_TOLD:
            self.flaws.append(Flaw(stream, position, what))


@frozen
class VerifyLog:
    """
    Look at every event: whether it can be read, and whether its stream has every version up to its own.

    Others may append meanwhile. What is kept in memory does not grow with the log.

    Args:
        batch: How many events, or streams, to a read.
    """

    log: StoredLog
    batch: int = 500

    async def __call__(self, passed: Callable[[int], object] = lambda _: None) -> LogReport:
        """
        Args:
            passed: Told after each read how many events were looked at since the last one.
        """
        report = LogReport()
        last: StoredEvent | None = None
        while events := await self.log.events_after(last, self.batch):
            for each in events:
                _look_at(each, last, report)
                last = each
            report.events += len(events)
            passed(len(events))
        if last is not None:
            _end_stream(last, report)
        await self._look_for_empty_streams(report)
        return report

    async def _look_for_empty_streams(self, report: LogReport) -> None:
        last: StreamId | None = None
        while streams := await self.log.streams_after(last, self.batch):
            for stream, has_events in streams:
                if not has_events:
                    report.blame(stream, None, "the stream has a version, and no event")
            last = streams[-1][0]


def _look_at(each: StoredEvent, last: StoredEvent | None, report: LogReport) -> None:
    if last is not None and last.stream == each.stream:
        before, position_before = last.version, last.position
    else:
        if last is not None:
            _end_stream(last, report)
        before, position_before = 0, 0
        report.streams += 1
    if each.version != before + 1:
        report.blame(each.stream, each.position, f"version {each.version} follows on version {before}")
    if each.position <= position_before:
        report.blame(each.stream, each.position, f"its position is not after {position_before}")
    stored_as = f"{each.type_name} in schema version {each.schema_version}"
    if each.event is None:
        report.blame(each.stream, each.position, f"it is no valid {stored_as}")
    elif isinstance(each.event, UnknownEvent):
        report.unknown[each.type_name, each.schema_version] += 1


def _end_stream(last: StoredEvent, report: LogReport) -> None:
    if last.stream_version is None:
        report.blame(last.stream, last.position, "the stream has no version")
    elif last.stream_version != last.version:
        what = f"the stream is said to have version {last.stream_version}, and ends with {last.version}"
        report.blame(last.stream, last.position, what)
