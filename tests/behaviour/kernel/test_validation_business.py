"""Rules of the business, each refusing with a code of its own."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from quayside.core.kernel import Category, CurrencyMismatchError, Money
from quayside.core.kernel.validation import (
    BelowMinimumAgeError,
    InsufficientBalanceError,
    OutsideBusinessHoursError,
    age_on,
    business_hours,
    minimum_age,
    minimum_balance,
)

LONDON = ZoneInfo("Europe/London")
NINE, FIVE = time(9), time(17)


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        (date(2000, 5, 10), date(2018, 5, 9), 17),
        (date(2000, 5, 10), date(2018, 5, 10), 18),
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 2, 29), date(2020, 2, 28), 19),
        (date(2000, 2, 29), date(2020, 2, 29), 20),
        (date(2018, 5, 10), date(2018, 5, 9), -1),
    ],
)
def test_a_year_of_life_is_full_on_the_birthday_or_on_1_march(born: date, today: date, age: int) -> None:
    assert age_on(today, born) == age


def test_who_is_too_young_is_refused_as_a_rule_of_the_business() -> None:
    adult = minimum_age(18, today=date(2025, 6, 15))

    adult(date(2007, 6, 15))
    with pytest.raises(BelowMinimumAgeError) as refusal:
        adult(date(2007, 6, 16))

    assert (refusal.value.code, refusal.value.category) == ("below_minimum_age", Category.BUSINESS_RULE)
    assert refusal.value.details == {"minimum_age": 18}


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2025, 1, 6, 8, 59, 59, tzinfo=UTC), False),
        (datetime(2025, 1, 6, 9, 0, tzinfo=UTC), True),
        (datetime(2025, 1, 6, 16, 59, 59, tzinfo=UTC), True),
        (datetime(2025, 1, 6, 17, 0, tzinfo=UTC), False),
        # Summer time: at 08:30 UTC it is 09:30 in London.
        (datetime(2025, 7, 7, 8, 30, tzinfo=UTC), True),
        (datetime(2025, 7, 7, 16, 30, tzinfo=UTC), False),
        # Friday and Saturday.
        (datetime(2025, 1, 10, 12, tzinfo=UTC), True),
        (datetime(2025, 1, 11, 12, tzinfo=UTC), False),
        # Sunday evening on the Pacific coast is Monday morning in London.
        (datetime(2025, 1, 6, 1, tzinfo=timezone(timedelta(hours=-8))), True),
    ],
)
def test_business_hours_go_by_the_clock_on_the_wall(moment: datetime, *, is_open: bool) -> None:
    rule = business_hours(LONDON, opens=NINE, closes=FIVE)

    if is_open:
        rule(moment)
    else:
        with pytest.raises(OutsideBusinessHoursError) as refusal:
            rule(moment)
        assert refusal.value.category is Category.BUSINESS_RULE
        assert refusal.value.details == {"opens": "09:00", "closes": "17:00", "zone": "Europe/London"}


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2025, 1, 10, 21, 59, tzinfo=LONDON), False),
        (datetime(2025, 1, 10, 22, 0, tzinfo=LONDON), True),
        (datetime(2025, 1, 11, 1, 59, tzinfo=LONDON), True),
        (datetime(2025, 1, 11, 2, 0, tzinfo=LONDON), False),
        (datetime(2025, 1, 11, 23, 0, tzinfo=LONDON), False),
        (datetime(2025, 1, 6, 1, 0, tzinfo=LONDON), False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_opened(moment: datetime, *, is_open: bool) -> None:
    rule = business_hours(LONDON, opens=time(22), closes=time(2))

    if is_open:
        rule(moment)
    else:
        with pytest.raises(OutsideBusinessHoursError):
            rule(moment)


def test_what_closes_at_midnight_is_open_until_then() -> None:
    rule = business_hours(UTC, opens=NINE, closes=time(0), days={0})

    rule(datetime(2025, 1, 6, 23, 59, tzinfo=UTC))
    with pytest.raises(OutsideBusinessHoursError):
        rule(datetime(2025, 1, 7, 0, 0, tzinfo=UTC))


def test_what_closes_when_it_opens_is_open_around_the_clock_from_then() -> None:
    rule = business_hours(UTC, opens=NINE, closes=NINE, days={0})

    rule(datetime(2025, 1, 6, 9, 0, tzinfo=UTC))
    rule(datetime(2025, 1, 7, 8, 59, tzinfo=UTC))
    for moment in (datetime(2025, 1, 6, 8, 59, tzinfo=UTC), datetime(2025, 1, 7, 9, 0, tzinfo=UTC)):
        with pytest.raises(OutsideBusinessHoursError):
            rule(moment)


def test_a_moment_without_a_zone_is_a_mistake_of_the_caller() -> None:
    rule = business_hours(LONDON, opens=NINE, closes=FIVE)

    with pytest.raises(ValueError, match="zone"):
        rule(datetime(2025, 1, 6, 12))  # noqa: DTZ001, the point


def test_a_balance_below_the_minimum_is_refused_without_telling_it() -> None:
    rule = minimum_balance(Money.of("10", "GBP"))

    rule(Money.of("10", "GBP"))
    with pytest.raises(InsufficientBalanceError) as refusal:
        rule(Money.of("9.99", "GBP"))

    assert (refusal.value.code, refusal.value.category) == ("insufficient_balance", Category.BUSINESS_RULE)
    assert "9.99" not in str(refusal.value)
    assert refusal.value.details == {"minimum": "10.00 GBP"}


def test_a_balance_in_another_currency_is_not_compared() -> None:
    with pytest.raises(CurrencyMismatchError):
        minimum_balance(Money.of("10", "GBP"))(Money.of("100", "EUR"))
