"""Rules of the business: what is well-formed, and yet forbidden."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time, tzinfo
from typing import Final

from ..errors import BusinessRuleError
from ..money import Money

MONDAY_TO_FRIDAY: Final = range(5)
"""Days as of `date.weekday`, from Monday as 0."""


class BelowMinimumAgeError(BusinessRuleError):
    """A person is too young."""

    code = "below_minimum_age"

    def __init__(self, years: int) -> None:
        super().__init__(f"The minimum age is {years} years.", minimum_age=years)


class OutsideBusinessHoursError(BusinessRuleError):
    """It is closed at that time."""

    code = "outside_business_hours"

    def __init__(self, opens: time, closes: time, zone: tzinfo) -> None:
        super().__init__(
            "It is outside business hours.", opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}", zone=str(zone)
        )


class InsufficientBalanceError(BusinessRuleError):
    """A balance is below what has to be there."""

    code = "insufficient_balance"

    def __init__(self, minimum: Money) -> None:
        super().__init__("The balance is too low.", minimum=str(minimum))


def age_on(day: date, born: date) -> int:
    """Full years on *day*; who was born on 29 February is a year older on 1 March where there is no such day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def minimum_age(years: int, *, today: date) -> Callable[[date], None]:
    """
    Refuse who, born on a given date, is younger than *years* today.

    Raises:
        BelowMinimumAgeError: by the rule.
    """

    def rule(born: date) -> None:
        if age_on(today, born) < years:
            raise BelowMinimumAgeError(years)

    return rule


def business_hours(
    zone: tzinfo, *, opens: time, closes: time, days: Collection[int] = MONDAY_TO_FRIDAY
) -> Callable[[datetime], None]:
    """
    Refuse a moment at which it is closed by the clock on the wall of *zone*, summer time included.

    Args:
        zone: ``ZoneInfo("Europe/London")``.
        opens: Included.
        closes: Not included. Not after *opens*: on the next day, as part of the day on which it opened.
        days: On which it opens, from Monday as 0.

    Raises:
        OutsideBusinessHoursError: by the rule.
        ValueError: by the rule, of a moment without a zone.
    """

    def rule(moment: datetime) -> None:
        if moment.utcoffset() is None:
            raise ValueError("a moment needs a zone")
        local = moment.astimezone(zone)
        has_opened, has_closed = local.time() >= opens, local.time() >= closes
        overnight = closes <= opens
        is_open = (has_opened or not has_closed) if overnight else (has_opened and not has_closed)
        opened_on = local.weekday() if has_opened or not overnight else (local.weekday() - 1) % 7
        if not is_open or opened_on not in days:
            raise OutsideBusinessHoursError(opens, closes, zone)

    return rule


def minimum_balance(minimum: Money) -> Callable[[Money], None]:
    """
    Refuse a balance below *minimum*.

    Raises:
        InsufficientBalanceError: by the rule.
        CurrencyMismatchError: by the rule, of a balance in another currency.
    """

    def rule(balance: Money) -> None:
        if balance < minimum:
            raise InsufficientBalanceError(minimum)

    return rule
