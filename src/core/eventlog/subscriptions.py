"""Who reacts to what happened: a name, the events it wants, and what it does with each."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from attrs import Attribute, field, frozen, validators

from .envelope import RecordedEvent
from .events import Event
from .leases import JOB_PREFIX

T = TypeVar("T", contravariant=True)  # noqa: PLC0105 - the usual letter

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


@frozen
class EventFilter:
    """
    Which events somebody wants; what is None does not narrow.

    Args:
        categories: Of streams with these.
        types: Of these classes, whatever the version they were stored in.
        even_unreadable: Also those that cannot be understood here, for who does not look into events. Otherwise a
            subscription puts an `UnknownEvent` or `MalformedEvent` off.
    """

    categories: frozenset[str] | None = None
    types: frozenset[type[Event]] | None = None
    even_unreadable: bool = False

    @property
    def type_names(self) -> frozenset[str] | None:
        """The names under which *types* are stored; None for all."""
        return None if self.types is None else frozenset(each.type_name() for each in self.types)

    def lets_through(self, recorded: RecordedEvent) -> bool:
        """Whether *recorded* is one of those that are wanted."""
        names = self.type_names
        return (self.categories is None or recorded.stream.category in self.categories) and (
            names is None or recorded.event.type_name() in names
        )


EVERYTHING = EventFilter()
"""Every event there is."""


def _is_a_name(_: object, attribute: "Attribute[str]", name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{attribute.name}: {name!r} is not in lower case, digits and hyphens, 63 at most")
    if name.startswith(JOB_PREFIX):
        raise ValueError(f"{attribute.name}: {name!r} would be taken for a job's")


@frozen(kw_only=True)
class Subscription(Generic[T]):
    """
    Reacts by changing rows of the same database: exactly once in effect.

    The rows, and how far the subscription is, are committed together, many events at a time.

    Args:
        name: Unique and for ever: how far it is, is kept under it.
        of: The events it wants.
        handle: Given the transaction and the event. It changes rows through the transaction and nothing else; what it
            raises undoes what it did.
        handle_batch: Does with many events what *handle* would do with one after the other, for who can do so in fewer
            steps. What it records is in answer to none of them.
        batch: The most events to a transaction.
    """

    name: str = field(validator=_is_a_name)
    of: EventFilter = EVERYTHING
    handle: Callable[[T, RecordedEvent], Awaitable[object]]
    handle_batch: Callable[[T, Sequence[RecordedEvent]], Awaitable[object]] | None = None
    batch: int = field(default=500, validator=validators.ge(1))


@frozen(kw_only=True)
class ExternalSubscription:
    """
    Reacts outside of the database, or by use cases: at least once.

    After a crash it is given again what it had done since the last checkpoint, so whoever it talks to has to recognise
    what comes twice: by the event's id, which is the same each time.

    Args:
        name: Unique and for ever: how far it is, is kept under it.
        of: The events it wants.
        handle: Given the event. An UnavailableError says that the other side is away as a whole: everything waits then,
            and the event is not at fault.
        batch: The most events that are read ahead of those that are over.
        at_once: How many events are handled side by side, each of another stream: one that takes long then holds up its
            own stream alone. Those of one stream are handled one after another.
    """

    name: str = field(validator=_is_a_name)
    of: EventFilter = EVERYTHING
    handle: Callable[[RecordedEvent], Awaitable[object]]
    batch: int = field(default=100, validator=validators.ge(1))
    at_once: int = field(default=1, validator=validators.ge(1))


@frozen(kw_only=True)
class BroadcastSubscription:
    """
    Reacts in every process, from the moment it starts: for what a process keeps in its own memory.

    It has no checkpoint and no lease. What it raises is logged, and the event is over.

    Args:
        name: For logs.
        of: The events it wants.
        handle: Given the event.
    """

    name: str = field(validator=_is_a_name)
    of: EventFilter = EVERYTHING
    handle: Callable[[RecordedEvent], Awaitable[object]]
