"""The laws of money."""

import decimal
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.strategies import CURRENCIES, counts, percentages, pounds, rates
from quayside.core.kernel import AmountOutOfRangeError, Money, Percentage, Rounding, currency_exponent

NOTHING = Money.from_minor(0, "GBP")
BIGINT = 2**63
DECIMAL_ROUNDINGS = {
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    Rounding.UP: decimal.ROUND_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.CEILING: decimal.ROUND_CEILING,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
}


@given(pounds(), pounds(), pounds())
def test_addition_is_associative(a: Money, b: Money, c: Money) -> None:
    assert (a + b) + c == a + (b + c)


@given(pounds(), pounds())
def test_addition_is_commutative(a: Money, b: Money) -> None:
    assert a + b == b + a


@given(pounds())
def test_nothing_is_the_identity_of_addition(a: Money) -> None:
    assert a + NOTHING == a - NOTHING == a


@given(pounds(), pounds())
def test_subtraction_undoes_addition(a: Money, b: Money) -> None:
    assert a + -a == NOTHING
    assert a + b - b == a
    assert a - b == a + -b


@given(pounds())
def test_an_absolute_amount_is_the_larger_of_the_amount_and_its_negative(a: Money) -> None:
    assert abs(a) == max(a, -a)


@given(pounds(2**20), pounds(2**20), st.integers(-(2**20), 2**20))
def test_multiplication_by_an_integer_distributes_over_addition(a: Money, b: Money, n: int) -> None:
    assert (a + b) * n == a * n + b * n


@given(pounds(), st.integers(0, 50))
def test_multiplication_by_an_integer_is_repeated_addition(a: Money, n: int) -> None:
    assert a * n == a * Decimal(n) == Money.sum([a] * n, "GBP")


@given(st.lists(pounds()))
def test_a_sum_does_not_depend_on_the_order(items: list[Money]) -> None:
    assert Money.sum(items, "GBP") == Money.sum(reversed(items), "GBP")


@given(pounds(), pounds(), pounds())
def test_the_order_of_amounts_is_total_and_goes_with_addition(a: Money, b: Money, c: Money) -> None:
    assert (a < b) + (a == b) + (a > b) == 1
    assert (a <= b) == (a + c <= b + c)


@given(pounds(), rates(), st.sampled_from(Rounding))
def test_a_product_is_the_exact_one_rounded_as_decimal_rounds(
    a: Money, rate: Decimal, rounding: Rounding
) -> None:
    exact = decimal.Context(prec=100).multiply(rate, a.minor)

    assert a.times(rate, rounding).minor == int(exact.to_integral_value(DECIMAL_ROUNDINGS[rounding]))


@given(pounds(), rates())
def test_rounding_half_even_treats_both_signs_alike_and_is_never_off_by_more_than_half(
    a: Money, rate: Decimal
) -> None:
    product = a * rate

    assert -a * rate == a * -rate == -product
    assert abs(product.minor - a.minor * Fraction(rate)) <= Fraction(1, 2)


@given(pounds(), percentages())
def test_a_percentage_takes_no_more_than_the_whole(a: Money, percentage: Percentage) -> None:
    part = percentage.of(a)

    assert part == a * percentage == a * percentage.as_fraction
    assert abs(part) <= abs(a)
    assert NOTHING <= part <= a or a <= part <= NOTHING


@given(counts(BIGINT - 1), CURRENCIES)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money.from_minor(minor, currency)

    assert Money.of(money.amount_text, currency) == Money.of(money.amount, currency) == money
    assert -money.amount.as_tuple().exponent == currency_exponent(currency)  # type: ignore[operator]
    assert pickle.loads(pickle.dumps(money)) == money  # noqa: S301


@given(counts(BIGINT - 1), counts(BIGINT - 1))
def test_a_result_is_exact_or_refused(a: int, b: int) -> None:
    if -BIGINT <= a + b < BIGINT:
        assert (Money.from_minor(a, "GBP") + Money.from_minor(b, "GBP")).minor == a + b
    else:
        with pytest.raises(AmountOutOfRangeError):
            Money.from_minor(a, "GBP") + Money.from_minor(b, "GBP")


@given(st.decimals(0, 100, allow_nan=False))
def test_every_number_from_0_to_100_is_a_percentage_and_stays_exact(number: Decimal) -> None:
    percentage = Percentage(number)

    assert percentage.value == number
    assert Fraction(percentage.as_fraction) == Fraction(number) / 100
    assert Percentage(str(percentage).removesuffix("%")) == percentage
