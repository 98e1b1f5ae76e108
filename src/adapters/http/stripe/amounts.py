"""
How Stripe counts money: not always as ISO 4217 does.

Source: https://docs.stripe.com/currencies, "Minor units in API amounts" and "Special cases"
"""

from typing import Final

from ....core.kernel import Money, currency_exponent

# What Stripe counts in whole units. MGA has two decimals in ISO 4217.
_WITHOUT_DECIMALS: Final = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905 - a list to be read
)
# What it counts in thousandths, of which charges have to be whole hundredths.
_WITH_THREE_DECIMALS: Final = frozenset("BHD JOD KWD OMR TND".split())  # noqa: SIM905 - a list to be read
_TENTHS = 10
_POWERS: Final = (1, 10, 100, 1_000, 10_000)
# All others it counts in hundredths: ISK and UGX as well, which have no decimals any more, and HUF and TWD, of which
# only what is paid out has to be whole.


def to_stripe(amount: Money) -> int | None:
    """*amount* as Stripe counts it; None where Stripe cannot take it as it is, and would round it."""
    here, there = currency_exponent(amount.currency), _exponent(amount.currency)
    count, rest = divmod(amount.minor * _POWERS[there], _POWERS[here])
    if rest or (amount.currency in _WITH_THREE_DECIMALS and count % _TENTHS):
        return None
    return count


def from_stripe(count: int, currency: str) -> Money | None:
    """
    What *count* of Stripe's units is; None where that is no whole number of minor units.

    Args:
        currency: As Stripe writes it, in lower case.
    """
    code = currency.upper()
    minor, rest = divmod(count * _POWERS[currency_exponent(code)], _POWERS[_exponent(code)])
    return None if rest else Money.from_minor(minor, code)


def _exponent(currency: str) -> int:
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _WITH_THREE_DECIMALS else 2
