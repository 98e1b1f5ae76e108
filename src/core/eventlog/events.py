"""What an event is: typed, immutable, in the past tense, and for ever."""

from typing import ClassVar, NewType
from uuid import UUID

from attrs import field, frozen

EventId = NewType("EventId", UUID)


class Event:
    """
    The base of every event: a frozen attrs class whose name is a past participle (``PaymentCaptured``).

    The class name is the stored type, so a stored event keeps its class for ever; a changed shape is a new
    ``schema_version``. An event refers to people by id and carries no personal data, so that it can outlive them.
    """

    __slots__ = ()
    schema_version: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The name under which events of this class are stored."""
        return cls.__name__


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
