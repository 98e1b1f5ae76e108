"""Sharing out money without losing a minor unit."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from builders import gbp, jpy
from quayside.core.kernel import InvalidWeightsError


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [
        ("1.00", [1, 1, 1], ["0.34", "0.33", "0.33"]),
        ("0.05", [3, 7], ["0.02", "0.03"]),
        ("1.00", [Decimal("0.5"), Decimal("0.25"), Decimal("0.25")], ["0.50", "0.25", "0.25"]),
        ("1.00", [1, Decimal("1.5")], ["0.40", "0.60"]),
        ("0.02", [1, 1, 1], ["0.01", "0.01", "0.00"]),
        ("0.00", [1, 2], ["0.00", "0.00"]),
        ("1.00", [5], ["1.00"]),
    ],
)
def test_the_largest_remainders_get_what_rounding_down_leaves_of_equals_the_earlier(
    whole: str, weights: Sequence[int | Decimal], parts: Sequence[str]
) -> None:
    assert gbp(whole).allocate(weights) == tuple(gbp(part) for part in parts)


def test_a_later_part_that_lost_more_comes_before_an_earlier_one() -> None:
    assert gbp("0.10").allocate([1, 1, 4]) == (gbp("0.02"), gbp("0.02"), gbp("0.06"))
    assert gbp("0.11").allocate([1, 1, 4]) == (gbp("0.02"), gbp("0.02"), gbp("0.07"))


def test_a_weight_of_zero_gets_nothing() -> None:
    assert gbp("0.05").allocate([0, 1, 0, 1]) == (gbp("0.00"), gbp("0.03"), gbp("0.00"), gbp("0.02"))


def test_parts_of_a_negative_amount_mirror_those_of_the_positive_one() -> None:
    assert gbp("-1.00").allocate([1, 1, 1]) == (gbp("-0.34"), gbp("-0.33"), gbp("-0.33"))


@pytest.mark.parametrize("amount", ["9223372036854775807", "-9223372036854775808"])
def test_the_largest_amount_is_shared_out_exactly(amount: str) -> None:
    first, second, third = jpy(amount).allocate([1, 1, 1])

    assert first + second + third == jpy(amount)


def test_weights_may_come_from_what_can_be_gone_through_once() -> None:
    assert gbp("0.03").allocate(weight for weight in (2, 1)) == (gbp("0.02"), gbp("0.01"))


@pytest.mark.parametrize(
    "weights",
    [
        *([], [0], [0, Decimal("0.0")], [-1], [2, -1], [1.0], [True], ["1"]),
        *([Decimal(text)] for text in ("NaN", "sNaN", "Infinity", "1E+1001")),
    ],
)
def test_weights_that_say_nothing_about_shares_are_refused(weights: Sequence[int]) -> None:
    with pytest.raises(InvalidWeightsError) as refused:
        gbp("1.00").allocate(weights)

    assert refused.value.code == "invalid_weights"


def test_a_split_is_as_even_as_can_be_the_larger_parts_first() -> None:
    assert gbp("1.00").split(3) == (gbp("0.34"), gbp("0.33"), gbp("0.33"))
    assert gbp("1.00").split(1) == (gbp("1.00"),)


@pytest.mark.parametrize("count", [0, -1])
def test_a_split_in_no_parts_is_refused(count: int) -> None:
    with pytest.raises(InvalidWeightsError):
        gbp("1.00").split(count)
