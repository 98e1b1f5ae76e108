"""Pages of lists, from PostgreSQL."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ...core.kernel import Listed, Page, PageRequest, Slice, SliceRequest
from .connection import Lend
from .queries import NamedQuery

Item = TypeVar("Item", bound=Listed)


async def page_of(
    lend: Lend,
    query: NamedQuery,
    narrowing: Mapping[str, object],
    page: PageRequest,
    to_item: Callable[[Mapping[str, Any]], Item],
) -> Page[Item]:
    """
    The page that *query* finds.

    Args:
        query: Tells ``total_count`` in every row, and past the end in one that has no ``id``.
    """
    async with lend() as connection:
        cursor = await connection.execute(query, {**narrowing, "limit": page.limit, "offset": page.offset})
        rows = await cursor.fetchall()
    found = (to_item(row) for row in rows if row["id"] is not None)
    return Page.of(found, page, total_count=rows[0]["total_count"])


async def slice_of(
    lend: Lend,
    query: NamedQuery,
    narrowing: Mapping[str, object],
    place: SliceRequest,
    to_item: Callable[[Mapping[str, Any]], Item],
) -> Slice[Item]:
    """What *query* finds after *place*."""
    after = {"after_created_at": place.after.created_at, "after_id": place.after.id}
    async with lend() as connection:
        cursor = await connection.execute(query, {**narrowing, **after, "limit": place.limit})
        rows = await cursor.fetchall()
    return Slice.of([to_item(row) for row in rows], place)
