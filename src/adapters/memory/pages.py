"""Pages of lists, in memory."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

from ...core.kernel import Listed, Page, PageRequest, Place, Slice, SliceRequest
from .rows import copied

Item = TypeVar("Item", bound=Listed)


def page_of(found: Iterable[Item], page: PageRequest) -> Page[Item]:
    """That page of *found*, newest first."""
    items = _newest_first(found)
    shown = items[page.offset : page.offset + page.limit]
    return Page.of(map(copied, shown), page, total_count=len(items))


def slice_of(found: Iterable[Item], place: SliceRequest) -> Slice[Item]:
    """Those of *found* that follow *place*, newest first."""
    rest = (item for item in _newest_first(found) if Place.of(item) < place.after)
    return Slice.of([copied(item) for item in islice(rest, place.limit)], place)


def _newest_first(found: Iterable[Item]) -> Sequence[Item]:
    return sorted(found, key=Place.of, reverse=True)
