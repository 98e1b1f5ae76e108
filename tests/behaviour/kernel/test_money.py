"""What an amount of money is, and what it refuses to be."""

import copy
import pickle
from decimal import Decimal

import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError
from msgspec import convert

from builders import gbp
from quayside.core.kernel import (
    AmountOutOfRangeError,
    Category,
    InvalidAmountError,
    Money,
    UnknownCurrencyError,
    currency_exponent,
)

MOST = 9_223_372_036_854_775_807


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "GBP", 1999),
        ("-0.01", "GBP", -1),
        ("19.9", "GBP", 1990),
        ("007", "GBP", 700),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        (Decimal("19.99"), "GBP", 1999),
        (Decimal("1E+2"), "GBP", 10_000),
        (Decimal("-0.00"), "GBP", 0),
        (20, "GBP", 2000),
        (-20, "JPY", -20),
    ],
)
def test_an_amount_is_read_as_it_is_written(amount: str | Decimal | int, currency: str, minor: int) -> None:
    assert Money.of(amount, currency) == Money.from_minor(minor, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1999, "GBP", "19.99 GBP"),
        (1990, "GBP", "19.90 GBP"),
        (-5, "GBP", "-0.05 GBP"),
        (0, "GBP", "0.00 GBP"),
        (1500, "JPY", "1500 JPY"),
        (1, "KWD", "0.001 KWD"),
        (1, "UYW", "0.0001 UYW"),
        (MOST, "GBP", "92233720368547758.07 GBP"),
    ],
)
def test_an_amount_is_written_with_exactly_the_currencys_decimals(
    minor: int, currency: str, text: str
) -> None:
    money = Money.from_minor(minor, currency)

    assert str(money) == text
    assert f"{money.amount_text} {currency}" == text
    assert f"{money.amount} {currency}" == text


NO_PLAIN_DECIMALS = """
    +1 1. .5 1e2 1_000 1,000 1.2.3 --1 0x1 NaN Infinity \u0661 \uff11 \u00bd \u22121
"""


@pytest.mark.parametrize("text", ["", " ", "1 ", " 1", "1\n", "1\u00a0000", *NO_PLAIN_DECIMALS.split()])
def test_text_that_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmountError):
        Money.of(text, "GBP")


@pytest.mark.parametrize(
    "amount", [19.99, 1.0, True, None, b"1", [1], Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")]
)
def test_what_is_no_exact_number_is_refused(amount: object) -> None:
    with pytest.raises(InvalidAmountError):
        Money.of(amount, "GBP")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("19.990", "GBP"),
        ("19.999", "GBP"),
        ("1.0", "JPY"),
        ("1.2340", "KWD"),
        (Decimal("19.990"), "GBP"),
        (Decimal("1E-3"), "GBP"),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused_zeros_included(
    amount: str | Decimal, currency: str
) -> None:
    with pytest.raises(InvalidAmountError) as refused:
        Money.of(amount, currency)

    assert refused.value.code == "invalid_amount"
    assert refused.value.category is Category.VALIDATION
    assert refused.value.details == {"currency": currency, "decimals": currency_exponent(currency)}


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1), None])
def test_minor_units_are_counted_by_an_int_alone(minor: object) -> None:
    with pytest.raises(InvalidAmountError):
        Money.from_minor(minor, "GBP")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "gbp", "GBP ", "ZZZ", "ABCD", "826", "XBT"])
def test_a_currency_that_iso_4217_does_not_have_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrencyError) as refused:
        Money.of("1", currency)

    assert refused.value.code == "unknown_currency"
    assert refused.value.category is Category.VALIDATION
    assert refused.value.details == {"currency": currency}


@pytest.mark.parametrize("currency", ["XAU", "XDR", "XTS", "XXX"])
def test_a_code_without_minor_unit_is_refused_and_says_so(currency: str) -> None:
    with pytest.raises(UnknownCurrencyError, match="minor unit"):
        Money.from_minor(1, currency)


@pytest.mark.parametrize("minor", [MOST, -MOST - 1])
def test_the_whole_range_of_a_bigint_can_be_held(minor: int) -> None:
    assert Money.from_minor(minor, "JPY").minor == minor
    assert Money.of(minor, "JPY").minor == minor


@pytest.mark.parametrize("minor", [MOST + 1, -MOST - 2])
def test_an_amount_beyond_a_bigint_is_refused(minor: int) -> None:
    with pytest.raises(AmountOutOfRangeError) as refused:
        Money.from_minor(minor, "JPY")
    with pytest.raises(AmountOutOfRangeError):
        Money.of(str(minor), "JPY")

    assert refused.value.code == "amount_out_of_range"
    assert refused.value.category is Category.VALIDATION


def test_an_absurdly_long_number_is_refused_at_once() -> None:
    for digits in ("9" * 5_000, 10**5_000, Decimal("1E+999999999"), Decimal("1E-999999999")):
        with pytest.raises(InvalidAmountError):
            Money.of(digits, "GBP")


@pytest.mark.parametrize("name", ["minor", "currency", "note"])
def test_money_cannot_be_changed(name: str) -> None:
    money = gbp("1.00")

    with pytest.raises(FrozenInstanceError):
        setattr(money, name, 2)
    with pytest.raises(FrozenInstanceError):
        delattr(money, name)


def test_a_copy_is_equal_however_it_is_made() -> None:
    money = gbp("1.00")

    assert copy.copy(money) == copy.deepcopy(money) == money
    assert pickle.loads(pickle.dumps(money)) == money  # noqa: S301
    assert evolve(money, minor=5) == gbp("0.05")


def test_no_copy_gets_around_the_rules() -> None:
    with pytest.raises(UnknownCurrencyError):
        evolve(gbp("1.00"), currency="ZZZ")
    with pytest.raises(UnknownCurrencyError):
        pickle.loads(pickle.dumps(gbp("1.00")).replace(b"GBP", b"ZZZ"))  # noqa: S301


def test_a_decoder_that_fills_the_fields_is_held_to_the_rules() -> None:
    assert convert({"minor": 1999, "currency": "GBP"}, Money) == gbp("19.99")

    with pytest.raises(UnknownCurrencyError):
        convert({"minor": 1999, "currency": "ZZZ"}, Money)
    with pytest.raises(AmountOutOfRangeError):
        convert({"minor": MOST + 1, "currency": "GBP"}, Money)
