"""Spans of time, as list filters take them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from quayside.core.kernel import Category, DateRange, InvalidDateRangeError

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def test_a_range_holds_its_start_and_not_its_end() -> None:
    monday = DateRange(MONDAY, MONDAY + DAY)

    assert MONDAY in monday
    assert MONDAY + DAY - INSTANT in monday
    assert MONDAY + DAY not in monday
    assert MONDAY - INSTANT not in monday


def test_days_are_inclusive_at_both_ends() -> None:
    days = DateRange.of_days(date(2026, 11, 16), date(2026, 11, 17))

    assert days == DateRange(MONDAY, MONDAY + 2 * DAY)


def test_one_day_is_a_range() -> None:
    assert DateRange.of_days(date(2026, 11, 16), date(2026, 11, 16)) == DateRange(MONDAY, MONDAY + DAY)


@pytest.mark.parametrize("last", [None, date.max])
def test_a_side_that_is_not_given_is_open(last: date | None) -> None:
    assert datetime(9999, 12, 31, 23, 59, tzinfo=UTC) in DateRange.of_days(date(2026, 11, 16), last)
    assert MONDAY - INSTANT not in DateRange.of_days(date(2026, 11, 16), last)
    assert datetime(1, 1, 1, tzinfo=UTC) in DateRange.of_days(None, date(2026, 11, 16))
    assert MONDAY + DAY not in DateRange.of_days(None, date(2026, 11, 16))


def test_from_after_to_is_refused() -> None:
    with pytest.raises(InvalidDateRangeError) as refused:
        DateRange.of_days(date(2026, 11, 17), date(2026, 11, 16))

    assert refused.value.code == "invalid_date_range"
    assert refused.value.category is Category.VALIDATION


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(InvalidDateRangeError):
        DateRange(MONDAY, MONDAY)


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_time_outside_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(InvalidDateRangeError):
        DateRange(MONDAY.replace(tzinfo=zone), MONDAY + DAY)
    with pytest.raises(InvalidDateRangeError):
        DateRange(MONDAY, (MONDAY + DAY).replace(tzinfo=zone))


def test_ranges_overlap_where_they_share_a_moment() -> None:
    monday, tuesday = DateRange(MONDAY, MONDAY + DAY), DateRange(MONDAY + DAY, MONDAY + 2 * DAY)
    week = DateRange(MONDAY, MONDAY + 7 * DAY)

    assert monday.overlaps(monday)
    assert monday.overlaps(week)
    assert week.overlaps(tuesday)
    assert not monday.overlaps(tuesday)
    assert not tuesday.overlaps(monday)
