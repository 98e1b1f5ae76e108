"""Long lists, a page at a time."""

import pytest

from quayside.core.kernel import Page, PageRequest, ValidationFailedError


def test_the_first_page_of_20_is_what_nobody_has_to_ask_for() -> None:
    assert PageRequest() == PageRequest(page=1, page_size=20)


def test_a_page_begins_after_those_before_it() -> None:
    request = PageRequest(page=3, page_size=25)

    assert (request.offset, request.limit) == (50, 25)


def test_the_offset_of_a_page_far_past_any_end_still_fits_a_bigint() -> None:
    assert PageRequest(page=10**30).offset == 2**63 - 1


@pytest.mark.parametrize(
    ("page", "page_size", "fields"),
    [
        (0, 20, ["page"]),
        (-1, 20, ["page"]),
        (1, 0, ["page_size"]),
        (1, 101, ["page_size"]),
        (0, 0, ["page", "page_size"]),
    ],
)
def test_a_page_out_of_range_is_refused_naming_each_field(
    page: int, page_size: int, fields: list[str]
) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        PageRequest(page, page_size)

    assert [(error.field, error.code) for error in refused.value.field_errors] == [
        (field, "out_of_range") for field in fields
    ]


@pytest.mark.parametrize(
    ("number", "total_count", "total_pages", "neighbours"),
    [
        (1, 0, 0, set()),
        (1, 1, 1, set()),
        (1, 10, 1, set()),
        (1, 11, 2, {"next"}),
        (2, 11, 2, {"previous"}),
        (2, 30, 3, {"next", "previous"}),
        (9, 11, 2, {"previous"}),
    ],
)
def test_a_page_knows_its_place(
    number: int, total_count: int, total_pages: int, neighbours: set[str]
) -> None:
    page = Page.of("ab", PageRequest(number, 10), total_count=total_count)

    assert page.items == ("a", "b")
    assert (page.page, page.page_size, page.total_count) == (number, 10, total_count)
    assert page.total_pages == total_pages
    assert page.has_next_page is ("next" in neighbours)
    assert page.has_previous_page is ("previous" in neighbours)
