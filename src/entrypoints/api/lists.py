"""Lists: how a page of one is answered."""

from collections.abc import Callable
from typing import Annotated, Generic, Self, TypeVar

from ...core.kernel import Listed, Page, PageRequest, Place, Slice
from .answer_models import AnswerModel, told
from .cursors import ListCursors

Item = TypeVar("Item", bound=Listed)
Answer = TypeVar("Answer")


class ListResponse(AnswerModel, Generic[Answer]):
    """One page of a list, newest first. Where a cursor led to it, nobody counts what comes before or in all."""

    data: list[Answer]
    page: Annotated[int | None, told("From 1; null where a cursor led here.")]
    page_size: int
    total_count: Annotated[int | None, told("Null where a cursor led here.")]
    total_pages: Annotated[int | None, told("0 where there is nothing; null where a cursor led here.")]
    has_next_page: bool
    has_previous_page: Annotated[bool | None, told("Null where a cursor led here.")]
    next_cursor: Annotated[str | None, told("What `cursor` takes to go on from here; null at the end.")]

    @classmethod
    def only(cls, item: Answer) -> Self:
        """The only page of a list that has but *item*."""
        return cls(
            data=[item],
            page=1,
            page_size=PageRequest().page_size,
            total_count=1,
            total_pages=1,
            has_next_page=False,
            has_previous_page=False,
            next_cursor=None,
        )

    @classmethod
    def of(
        cls,
        found: Page[Item] | Slice[Item],
        answer: Callable[[Item], Answer],
        cursors: ListCursors | None = None,
    ) -> Self:
        counted = found if isinstance(found, Page) else None
        return cls(
            data=[answer(item) for item in found.items],
            page=counted and counted.page,
            page_size=found.page_size,
            total_count=counted and counted.total_count,
            total_pages=counted and counted.total_pages,
            has_next_page=found.has_next_page,
            has_previous_page=counted and counted.has_previous_page,
            next_cursor=cursors.seal(Place.of(found.items[-1])) if cursors and found.has_next_page else None,
        )
