"""What an event is: typed, immutable, in the past tense, and for ever."""

from typing import ClassVar, NewType
from uuid import UUID

from attrs import field, frozen

EventId = NewType("EventId", UUID)


class Event:
    """
    The base of every event: a frozen attrs class whose name is a past participle (``PaymentCaptured``).

    The class name is the stored type. A changed shape or name is a new ``schema_version``, and an `Upcaster` from the
    one before: what was stored stays as it is for ever. An event refers to people by id and carries no personal data,
    so that it can outlive them.
    """

    __slots__ = ()
    schema_version: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The name under which events of this class are stored."""
        return cls.__name__


@frozen
class UnknownEvent(Event):
    """
    Stands in, when reading, for a stored event that nobody registered: a newer release wrote it, or its class is gone.

    It is never written.

    Args:
        stored_type: The name it is stored under, which is also what its ``type_name()`` says.
        stored_version: The schema version in which it is stored.
        data: Its fields, as one JSON object.
    """

    stored_type: str
    stored_version: int
    data: str

    def type_name(self) -> str:  # type: ignore[override]  # each is of another type
        """The name under which this event is stored."""
        return self.stored_type


@frozen
class MalformedEvent(UnknownEvent):
    """
    Stands in, when reading on through the log, for what is stored under a registered name and is no valid event.

    What is in the log for ever must not stop whoever follows it. It is never written.
    """


@frozen
class StreamId:
    """
    The stream of one aggregate, written ``payment/0192…``.

    Args:
        category: The kind of aggregate, in lower case: ``payment``, ``order``.
        id: The aggregate's id.
    """

    category: str = field()
    id: UUID

    def __str__(self) -> str:
        return f"{self.category}/{self.id}"
