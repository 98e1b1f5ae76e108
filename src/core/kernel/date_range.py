"""Spans of time."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, final

from attrs import frozen

from .errors import Category, QuaysideError

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_END: Final = datetime.max.replace(tzinfo=UTC)


class InvalidDateRangeError(QuaysideError):
    """The end is not after the start, or one of them is not in UTC."""

    code = "invalid_date_range"
    category = Category.VALIDATION


@final
@frozen
class DateRange:
    """
    The time from *start* up to, and without, *end*. Ranges that touch do not overlap, and no moment is in both.

    Args:
        start: Aware, in UTC.
        end: Aware, in UTC, after *start*: an empty range could not be told from a mistake.

    Raises:
        InvalidDateRangeError: *end* is not after *start*, or one of them is not in UTC.
    """

    start: datetime
    end: datetime

    def __attrs_post_init__(self) -> None:
        if self.start.utcoffset() != timedelta(0) or self.end.utcoffset() != timedelta(0):
            raise InvalidDateRangeError("A range starts and ends in UTC.")
        if self.start >= self.end:
            raise InvalidDateRangeError("A range ends after it starts.")

    @classmethod
    def of_days(cls, first: date | None, last: date | None) -> "DateRange":
        """
        Take the days in UTC from *first* to *last*, both inclusive; None leaves that side open.

        Raises:
            InvalidDateRangeError: *first* is after *last*.
        """
        start = _BEGINNING if first is None else _midnight(first)
        # No day follows the last one there is, so that it means the same as none.
        end = _END if last is None or last == date.max else _midnight(last + timedelta(days=1))
        return cls(start, end)

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def overlaps(self, other: "DateRange") -> bool:
        """Tell whether some moment is in both."""
        return self.start < other.end and other.start < self.end


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
