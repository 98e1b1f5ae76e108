"""Parts of a hundred."""

import pickle
from decimal import Decimal

import pytest
from msgspec import convert

from builders import gbp
from quayside.core.kernel import Category, InvalidPercentageError, Percentage


@pytest.mark.parametrize("number", ["17.5", Decimal("17.5"), "17.50", "0", 0, 100, "100.00"])
def test_a_percentage_is_an_exact_number_from_0_to_100(number: str | int | Decimal) -> None:
    assert Percentage(number).value == Decimal(number)


@pytest.mark.parametrize("number", ["-0.01", "100.01", -1, 101, Decimal("1E+3")])
def test_a_percentage_out_of_range_is_refused(number: str | int | Decimal) -> None:
    with pytest.raises(InvalidPercentageError) as refused:
        Percentage(number)

    assert refused.value.code == "invalid_percentage"
    assert refused.value.category is Category.VALIDATION


@pytest.mark.parametrize("number", [17.5, True, "17,5", "17.5%", " 1", "1e1", "", None, Decimal("NaN")])
def test_what_is_no_exact_number_is_no_percentage(number: object) -> None:
    with pytest.raises(InvalidPercentageError):
        Percentage(number)  # type: ignore[arg-type]


def test_a_percentage_of_money_is_rounded_half_even() -> None:
    assert Percentage("17.5").of(gbp("19.99")) == gbp("3.50")
    assert Percentage("50").of(gbp("0.05")) == gbp("0.02")
    assert Percentage("50").of(gbp("-0.15")) == gbp("-0.08")


def test_as_a_fraction_it_stays_exact() -> None:
    assert Percentage("17.5").as_fraction == Decimal("0.175")
    assert Percentage("33." + "3" * 900).as_fraction == Decimal("0.33" + "3" * 900)


def test_a_percentage_of_a_thousand_decimals_still_multiplies() -> None:
    assert Percentage("33." + "3" * 1000).of(gbp("1.00")) == gbp("0.33")


@pytest.mark.parametrize(
    ("number", "text"),
    [("17.5", "17.5%"), (Decimal("1E+1"), "10%"), ("0", "0%"), ("0.0000001", "0.0000001%")],
)
def test_a_percentage_is_written_without_exponent(number: str | Decimal, text: str) -> None:
    assert str(Percentage(number)) == text


def test_percentages_are_values() -> None:
    assert Percentage("17.5") == Percentage("17.50")
    assert hash(Percentage("17.5")) == hash(Percentage("17.50"))
    assert Percentage("5") < Percentage("17.5")
    assert pickle.loads(pickle.dumps(Percentage("17.5"))) == Percentage("17.5")  # noqa: S301


@pytest.mark.parametrize("stored", ["170", "-1", "NaN"])
def test_a_decoder_that_fills_the_field_is_held_to_the_rules(stored: str) -> None:
    assert convert({"value": "17.5"}, Percentage) == Percentage("17.5")

    with pytest.raises(InvalidPercentageError):
        convert({"value": stored}, Percentage)
