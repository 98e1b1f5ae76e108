"""The log, as the rest of the system sees it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias

from .envelope import EventEnvelope, RecordedEvent
from .events import Event, StreamId


class EventReader(Protocol):
    """Every event that was committed. Contract: tests/contract/test_event_log.py."""

    async def read_stream(
        self,
        stream: StreamId,
        *,
        after_version: int = 0,
        limit: int | None = None,
        even_malformed: bool = False,
    ) -> Sequence[RecordedEvent]:
        """
        The events of *stream* after *after_version* in order, at most *limit*; none for an unknown stream.

        Args:
            even_malformed: For who only looks: what is no valid event is a `MalformedEvent`, and reading goes on.

        Raises:
            MalformedEventError: one of them is no valid event, so nobody can tell what the stream led to.
        """
        ...

    async def read_events(
        self, stream: StreamId, *, after_version: int = 0, limit: int | None = None
    ) -> Sequence[Event]:
        """What happened in *stream*: as `read_stream`, for whoever folds it and asks nothing about its recording."""
        ...

    async def read_all(self, *, after_position: int = 0, limit: int = 500) -> Sequence[RecordedEvent]:
        """
        The committed events after *after_position* in the order of the whole log, at most *limit*.

        A transaction that commits late may fill a position already passed, so this is for looking at the log;
        following it without loss takes a subscription. What is no valid event is a `MalformedEvent`: reading goes on.
        """
        ...


class EventLog(EventReader, Protocol):
    """
    The log, append-only: inside a transaction, or outside of any, where each append is a transaction of its own.

    What is appended inside one becomes visible to others when it commits, all of it or none; the transaction itself
    reads it at once. Contracts: tests/contract/test_event_log.py and test_appending_alone.py.
    """

    async def append(
        self, stream: StreamId, events: Sequence[EventEnvelope], expected_version: int | None
    ) -> int:
        """
        Append *events* at the end of *stream*, all or none, and return the stream's new version.

        Args:
            events: In order; none is allowed and only checks the version.
            expected_version: The version the stream must have, 0 for a new one; None appends wherever the end is, and
                then others may still come in between before the commit: what is returned is the least it will be.
                The same event ids again at the same expected version are the success they were.

        Raises:
            ConcurrencyConflictError: the stream has another version.
            NestedTransactionError: this is the log outside of transactions, and the task has one open.
            OutcomeUnknownError: this is the log outside of transactions, and nobody told whether it happened. The
                same again, with an expected version, finds out.
        """
        ...


class LogTransaction(Protocol):
    """What every transaction shows, whatever its context."""

    @property
    def events(self) -> EventLog:
        """The log, inside this transaction."""
        ...


BeginLog: TypeAlias = Callable[[], AbstractAsyncContextManager[LogTransaction]]
"""Opens a transaction: a clean exit commits, an exception rolls back."""


class EventCodec(Protocol):
    """Events as JSON text and back, equal to what they were. Contract: tests/contract/test_event_codec.py."""

    def encode(self, event: Event) -> str:
        """
        The fields of *event* as one JSON object, on one line: without line breaks or tabs.

        Raises:
            UnknownEventError: its class is not registered, so nobody could read it.
        """
        ...

    def decode(self, type_name: str, schema_version: int, text: str) -> Event:
        """
        The event that was stored as *text*, upcast from an older schema version where it has one.

        What nobody registered is an `UnknownEvent`: reading goes on.

        Raises:
            MalformedEventError: *text* does not hold a valid event of that name and version.
        """
        ...

    def decode_all(self, stored: Sequence[tuple[str, int, str]]) -> Sequence[Event]:
        """
        The events of many names, schema versions and texts, each as `decode` gives it, in their order.

        Raises:
            MalformedEventError: one of them is no valid event.
        """
        ...

    def stored_names(self, event_type: type[Event]) -> frozenset[str]:
        """Every name under which events of *event_type* are stored: its own, and those it had before."""
        ...


Appended: TypeAlias = Callable[[Mapping[StreamId, int]], Awaitable[object]]
"""Told after a commit which streams have grown, and to which versions. What it raises concerns nobody who committed."""


async def nobody_listens(_: Mapping[StreamId, int]) -> None:
    """For a store that need not tell anybody."""


async def tell_of_growth(appended: Appended, grown: Mapping[StreamId, int]) -> None:
    """
    Tell *appended*, after a commit.

    What it raises goes to the event loop's exception handler. Whoever committed would otherwise take it for a failure,
    and do again what is done.
    """
    try:
        await appended(grown)
    except Exception as error:  # noqa: BLE001 - see above
        told = {"message": "What is told of commits failed.", "exception": error}
        asyncio.get_running_loop().call_exception_handler(told)
