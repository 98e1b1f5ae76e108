"""Long lists, a page at a time."""

from collections.abc import Iterable
from typing import Final, Generic, TypeVar, final

from attrs import frozen

from .errors import FieldError, ValidationFailedError

T = TypeVar("T")

_MAX_OFFSET: Final = 2**63 - 1  # what a BIGINT holds; no list is that long, so every page beyond is as empty


def page_size_errors(page_size: int) -> tuple[FieldError, ...]:
    """What is wrong with asking for so many items at once."""
    if 1 <= page_size <= 100:
        return ()
    return (FieldError("page_size", "A page has 1 to 100 items.", "out_of_range"),)


@final
@frozen
class PageRequest:
    """
    Which page is wanted.

    Args:
        page: From 1; one past the end is empty.
        page_size: Items on a page, 1-100.

    Raises:
        ValidationFailedError: either is out of range; names each that is.
    """

    page: int = 1
    page_size: int = 20

    def __attrs_post_init__(self) -> None:
        errors = page_size_errors(self.page_size)
        if self.page < 1:
            errors = (FieldError("page", "Pages are counted from 1.", "out_of_range"), *errors)
        if errors:
            raise ValidationFailedError(errors)

    @property
    def offset(self) -> int:
        """How many items come before the page."""
        return min((self.page - 1) * self.page_size, _MAX_OFFSET)

    @property
    def limit(self) -> int:
        """How many items the page has at most."""
        return self.page_size


@final
@frozen
class Page(Generic[T]):
    """
    One page of a list.

    Args:
        items: Those on this page, in the order of the list.
        page: The number of this page, from 1.
        page_size: How many items a page has at most.
        total_count: How many items all pages have.
    """

    items: tuple[T, ...]
    page: int
    page_size: int
    total_count: int

    @classmethod
    def of(cls, items: Iterable[T], request: PageRequest, *, total_count: int) -> "Page[T]":
        """Answer *request*."""
        return cls(tuple(items), request.page, request.page_size, total_count)

    @property
    def total_pages(self) -> int:
        """How many pages hold all items; 0 where there are none."""
        return -(-self.total_count // self.page_size)

    @property
    def has_next_page(self) -> bool:
        """Tell whether items come after this page."""
        return self.page < self.total_pages

    @property
    def has_previous_page(self) -> bool:
        """Tell whether a page comes before this one."""
        return self.page > 1
