"""The laws of half-open ranges."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from quayside.core.kernel import DateRange

MOMENTS = st.datetimes(timezones=st.just(UTC))
RANGES = st.lists(MOMENTS, min_size=2, max_size=2, unique=True).map(lambda ends: DateRange(*sorted(ends)))


@given(RANGES, RANGES)
def test_two_ranges_overlap_just_where_the_later_start_is_in_both(a: DateRange, b: DateRange) -> None:
    later_start = max(a.start, b.start)

    assert a.overlaps(b) == b.overlaps(a) == (later_start in a and later_start in b)


@given(st.lists(MOMENTS, min_size=3, max_size=3, unique=True).map(sorted), MOMENTS)
def test_a_range_cut_in_two_holds_each_moment_in_one_part(ends: list[datetime], moment: datetime) -> None:
    start, cut, end = ends
    before, after = DateRange(start, cut), DateRange(cut, end)

    assert not before.overlaps(after)
    assert (moment in before) + (moment in after) == (moment in DateRange(start, end))


@given(st.lists(st.dates(max_value=date(9999, 12, 30)), min_size=2, max_size=2).map(sorted), MOMENTS)
def test_days_hold_a_moment_just_where_they_hold_its_date(days: list[date], moment: datetime) -> None:
    first, last = days

    assert (moment in DateRange.of_days(first, last)) == (first <= moment.date() <= last)
