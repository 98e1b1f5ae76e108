"""Long lists, walked by key: from where one stands, however many items came before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar, final
from uuid import UUID

from attrs import frozen

from .errors import ValidationFailedError
from .page import page_size_errors

T = TypeVar("T")


class Listed(Protocol):
    """What a list shows: newest first, ties by id, the greater first."""

    @property
    def id(self) -> UUID: ...

    @property
    def created_at(self) -> datetime: ...


@final
@frozen(order=True)
class Place:
    """
    Where an item stands in its list. The lesser of two places is the later one in the list.

    Args:
        created_at: Aware, to the microsecond.
    """

    created_at: datetime
    id: UUID

    @classmethod
    def of(cls, item: Listed) -> "Place":
        """Where *item* stands."""
        return cls(item.created_at, item.id)


@final
@frozen
class SliceRequest:
    """
    The items that are wanted: those that follow.

    Args:
        after: Where the items before ended; whether an item still stands there does not matter.
        page_size: How many items at most, 1-100.

    Raises:
        ValidationFailedError: *page_size* is out of range.
    """

    after: Place
    page_size: int = 20

    def __attrs_post_init__(self) -> None:
        if errors := page_size_errors(self.page_size):
            raise ValidationFailedError(errors)

    @property
    def limit(self) -> int:
        """How many items to look for: one more than are shown, which tells whether that was all."""
        return self.page_size + 1


@final
@frozen
class Slice(Generic[T]):
    """
    Items that follow one another in a list; how many the list has is not known.

    Args:
        items: In the order of the list.
        page_size: How many there are at most.
        has_next_page: Whether items come after these.
    """

    items: tuple[T, ...]
    page_size: int
    has_next_page: bool

    @classmethod
    def of(cls, found: Sequence[T], request: SliceRequest) -> "Slice[T]":
        """
        Answer *request*.

        Args:
            found: The first ``request.limit`` of the items that follow, or as many as there are.
        """
        size = request.page_size
        return cls(tuple(found[:size]), size, len(found) > size)
