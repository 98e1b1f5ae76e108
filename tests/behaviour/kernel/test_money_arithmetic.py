"""What can be done with amounts of money, and what cannot."""

from collections.abc import Callable
from decimal import Decimal, localcontext

import pytest

from builders import eur, gbp, jpy, kwd
from quayside.core.kernel import (
    AmountOutOfRangeError,
    Category,
    CurrencyMismatchError,
    InvalidFactorError,
    Money,
    Percentage,
    Rounding,
)

THE_MOST = Money.from_minor(2**63 - 1, "GBP")
THE_LEAST = Money.from_minor(-(2**63), "GBP")


@pytest.mark.parametrize(
    "overflow",
    [
        lambda: THE_MOST + gbp("0.01"),
        lambda: THE_LEAST - gbp("0.01"),
        lambda: -THE_LEAST,
        lambda: abs(THE_LEAST),
        lambda: THE_MOST * 2,
        lambda: THE_MOST * Decimal("1.1"),
        lambda: Money.sum([THE_MOST, gbp("0.01")], "GBP"),
    ],
)
def test_a_result_beyond_a_bigint_is_refused(overflow: Callable[[], Money]) -> None:
    with pytest.raises(AmountOutOfRangeError):
        overflow()


def test_a_sum_passes_the_range_on_its_way_and_may_come_back() -> None:
    assert Money.sum([THE_MOST, THE_MOST, -THE_MOST], "GBP") == THE_MOST


def test_a_sum_of_nothing_is_zero_of_the_currency() -> None:
    assert Money.sum([], "GBP") == gbp("0.00")


def test_a_sum_takes_what_can_be_gone_through_once() -> None:
    assert Money.sum((gbp(text) for text in ("1.10", "2.20")), "GBP") == gbp("3.30")


@pytest.mark.parametrize(
    "mixture",
    [
        lambda pounds, euros: pounds + euros,
        lambda pounds, euros: pounds - euros,
        lambda pounds, euros: pounds < euros,
        lambda pounds, euros: pounds <= euros,
        lambda pounds, euros: pounds > euros,
        lambda pounds, euros: pounds >= euros,
        lambda pounds, euros: Money.sum([pounds, euros], "GBP"),
    ],
)
def test_amounts_of_two_currencies_neither_add_nor_compare(
    mixture: Callable[[Money, Money], object],
) -> None:
    with pytest.raises(CurrencyMismatchError) as refused:
        mixture(gbp("1.00"), eur("1.00"))

    assert refused.value.code == "currency_mismatch"
    assert refused.value.category is Category.BUSINESS_RULE
    assert refused.value.details == {"expected": "GBP", "actual": "EUR"}


def test_amounts_of_two_currencies_are_never_equal() -> None:
    assert gbp("1.00") != eur("1.00")
    assert gbp("0.00") != eur("0.00")


@pytest.mark.parametrize(
    "mixture",
    [
        lambda money: money + 1,
        lambda money: money - 1,
        lambda money: money < 1,
        lambda money: money >= 1,
        lambda money: sum([money]),
    ],
)
def test_money_does_not_mix_with_numbers(mixture: Callable[[Money], object]) -> None:
    assert gbp("1.00") not in (1, 100, Decimal("1.00"), "1.00 GBP")

    with pytest.raises(TypeError):
        mixture(gbp("1.00"))


def test_amounts_are_ordered_within_their_currency() -> None:
    assert gbp("-1.00") < gbp("0.99") <= gbp("0.99") < gbp("1.00")
    assert gbp("1.00") > gbp("0.99") >= gbp("0.99")
    assert sorted([jpy("3"), jpy("1"), jpy("2")]) == [jpy("1"), jpy("2"), jpy("3")]


def test_equal_amounts_are_one_key() -> None:
    assert {gbp("1.00"): "found"}[Money.from_minor(100, "GBP")] == "found"


def test_a_product_is_exact_and_then_rounded_once_half_even() -> None:
    assert gbp("0.05") * Decimal("0.5") == gbp("0.02")
    assert gbp("0.15") * Decimal("0.5") == gbp("0.08")
    assert gbp("0.05") * Decimal("0.5000000000000000000000000000000001") == gbp("0.03")
    assert gbp("9.99") * 3 == gbp("29.97")
    assert gbp("20.00") * Percentage("17.5") == gbp("3.50")
    assert kwd("1.000") * Percentage("0.05") == kwd("0.000")


@pytest.mark.parametrize(
    ("rounding", "of_each_fifth"),
    [
        #                        -0.5 -0.3 +0.3 +0.5 +0.7 +1.5 of a minor unit
        (Rounding.HALF_EVEN, [0, 0, 0, 0, 1, 2]),
        (Rounding.HALF_UP, [-1, 0, 0, 1, 1, 2]),
        (Rounding.HALF_DOWN, [0, 0, 0, 0, 1, 1]),
        (Rounding.UP, [-1, -1, 1, 1, 1, 2]),
        (Rounding.DOWN, [0, 0, 0, 0, 0, 1]),
        (Rounding.CEILING, [0, 0, 1, 1, 1, 2]),
        (Rounding.FLOOR, [-1, -1, 0, 0, 0, 1]),
    ],
)
def test_every_rounding_does_as_it_is_called(rounding: Rounding, of_each_fifth: list[int]) -> None:
    tenths = [Decimal(tenth) / 10 for tenth in (-5, -3, 3, 5, 7, 15)]

    assert [jpy("1").times(tenth, rounding).minor for tenth in tenths] == of_each_fifth


@pytest.mark.parametrize(
    "factor",
    [
        0.5,
        1.0,
        True,
        "2",
        None,
        [2],
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        Decimal("1E+1001"),
        gbp("2.00"),
    ],
)
def test_a_factor_that_is_no_exact_number_is_refused(factor: object) -> None:
    assert gbp("1.00") * 1 == gbp("1.00") * Decimal(1) == gbp("1.00")  # which must not let their equals in

    with pytest.raises(InvalidFactorError) as refused:
        gbp("1.00").times(factor)  # type: ignore[arg-type]

    assert refused.value.code == "invalid_factor"


def test_the_ambient_decimal_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec, context.rounding = 2, "ROUND_UP"

        assert str(Money.of("12345.67", "GBP")) == "12345.67 GBP"
        assert gbp("12345.67") * Decimal("1.0005") == gbp("12351.84")
        assert Percentage("12.345").as_fraction == Decimal("0.12345")
