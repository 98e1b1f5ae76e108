"""Which currencies there are, and how finely each is counted."""

from itertools import product
from string import ascii_uppercase

import pytest
from moneyed import CURRENCIES

from quayside.core.kernel import UnknownCurrencyError, currency_exponent


def exponents() -> dict[str, int]:
    """Every code that three capital letters can form and that is a currency."""
    found = {}
    for letters in product(ascii_uppercase, repeat=3):
        code = "".join(letters)
        try:
            found[code] = currency_exponent(code)
        except UnknownCurrencyError:
            continue
    return found


def test_iso_4217_has_165_codes_with_a_minor_unit() -> None:
    assert len(exponents()) == 165
    assert set(exponents().values()) == {0, 2, 3, 4}


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("GBP", 2),
        ("JPY", 0),
        ("ISK", 0),
        ("KWD", 3),
        ("IQD", 3),
        ("CLF", 4),
        ("UYW", 4),
        ("MGA", 2),
        ("IRR", 2),
    ],
)
def test_a_currency_has_the_decimals_that_iso_4217_gives_it(currency: str, decimals: int) -> None:
    assert currency_exponent(currency) == decimals


def test_every_currency_that_another_library_knows_is_counted_as_finely_there() -> None:
    known_to_both = exponents().keys() & CURRENCIES.keys()

    assert len(known_to_both) > 160
    assert {code: 10 ** currency_exponent(code) for code in known_to_both} == {
        code: CURRENCIES[code].sub_unit for code in known_to_both
    }


@pytest.mark.parametrize("currency", ["BGN", "HRK", "ANG", "CUC", "SLL", "ZWL"])
def test_a_withdrawn_currency_is_none(currency: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        currency_exponent(currency)


@pytest.mark.parametrize("currency", ["EUR", "SLE", "VED", "XAD", "XCG", "ZWG"])
def test_a_new_currency_is_one(currency: str) -> None:
    assert currency_exponent(currency) == 2
