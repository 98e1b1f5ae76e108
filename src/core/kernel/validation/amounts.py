"""Rules for amounts and percentages as somebody writes them: text, or numbers that are exact."""

import re
from decimal import Decimal
from typing import Final

from ..exact import decimals_of
from ..money import Money
from ..money_errors import InvalidAmountError
from .rules import CrossRule, InTurn, Rule, in_turn

TOO_MANY_DECIMALS: Final = "has more decimals than the currency"

_WRITTEN = str | int | Decimal
_PLAIN = re.compile(r"\d+(\.\d+)?", re.ASCII)
_PERCENTAGE_DECIMALS = 6


def _is_plain(value: str | int | Decimal) -> bool:
    if isinstance(value, str):
        return _PLAIN.fullmatch(value) is not None
    return value >= 0 if isinstance(value, int) else value.is_finite()


def _is_exact(amount: str | int | Decimal, currency: str) -> bool:
    try:
        Money.of(amount, currency)
    except InvalidAmountError:
        return False
    return True


_amount: Final = Rule("invalid_format", "must be an amount such as 19.99", _WRITTEN, _is_plain)
_more_than_nothing: Final = Rule(
    "out_of_range", "must be more than nothing", _WRITTEN, lambda value: Decimal(value) > 0
)

positive_amount: Final = in_turn(_amount, _more_than_nothing)


def amount_between(least: Decimal, most: Decimal) -> InTurn:
    """An amount from *least* to *most* in major units, both included, whatever the currency."""
    message = f"must be between {least} and {most}"
    return in_turn(
        _amount, Rule("out_of_range", message, _WRITTEN, lambda value: least <= Decimal(value) <= most)
    )


def exact_in(currency: str) -> CrossRule:
    """An amount with no more decimals than the currency has that stands in the field *currency*."""
    return CrossRule("too_many_decimals", TOO_MANY_DECIMALS, (currency,), _is_exact)


percentage: Final = in_turn(
    Rule("invalid_format", "must be a percentage such as 12.5", _WRITTEN, _is_plain),
    Rule("out_of_range", "must be between 0 and 100", _WRITTEN, lambda value: 0 <= Decimal(value) <= 100),
    Rule(
        "too_many_decimals",
        f"must have at most {_PERCENTAGE_DECIMALS} decimals",
        _WRITTEN,
        lambda value: decimals_of(Decimal(value)) <= _PERCENTAGE_DECIMALS,
    ),
)
