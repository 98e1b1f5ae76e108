"""The arithmetic of pages."""

from hypothesis import given
from hypothesis import strategies as st

from quayside.core.kernel import Page, PageRequest


def shown(items: list[int], request: PageRequest) -> Page[int]:
    return Page.of(items[request.offset : request.offset + request.limit], request, total_count=len(items))


@given(st.lists(st.integers(), max_size=300), st.integers(1, 100))
def test_walking_all_pages_shows_each_item_once_and_in_order(items: list[int], page_size: int) -> None:
    seen: list[int] = []
    page = shown(items, PageRequest(1, page_size))
    seen.extend(page.items)
    while page.has_next_page:
        assert len(page.items) == page_size
        page = shown(items, PageRequest(page.page + 1, page_size))
        seen.extend(page.items)

    assert seen == items
    assert page.page == max(page.total_pages, 1)


@given(st.integers(0, 300), st.integers(1, 100), st.integers(1, 400))
def test_a_page_has_items_just_where_it_is_one_of_all_pages(total: int, page_size: int, number: int) -> None:
    page = shown(list(range(total)), PageRequest(number, page_size))

    assert (page.page <= page.total_pages) == bool(page.items)
    assert (page.total_pages - 1) * page_size < total <= page.total_pages * page_size or total == 0
    assert page.has_previous_page == (number > 1)
