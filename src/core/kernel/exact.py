"""Numbers taken as they are written, whatever the ambient decimal context of the process says."""

import re
from decimal import MAX_PREC, Context, Decimal
from typing import Final

_PLAIN_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MAX_DIGITS: Final = 1_000
_UNROUNDED: Final = Context(prec=MAX_PREC)


def exact_decimal(number: object) -> Decimal | None:
    r"""
    Read an exact number of at most 1,000 digits before the point and 1,000 after it.

    Returns:
        None for anything else: text other than ``-?\d+(\.\d+)?`` in ASCII digits (so no exponents, spaces, underscores
        or digits of other scripts), NaN, infinities, bools, and floats, whose exact value nobody meant.
    """
    match number:
        case str() if _PLAIN_DECIMAL.fullmatch(number):
            decimal = Decimal(number)
        case int() if type(number) is int:  # and no bool
            decimal = Decimal(number)
        case Decimal() if number.is_finite():
            decimal = number
        case _:
            return None
    return decimal if max(decimal.adjusted(), decimals_of(decimal)) <= _MAX_DIGITS else None


def decimals_of(number: Decimal) -> int:
    """Count the decimals that a finite *number* is written with, zeros included; negative for ``1E+2``."""
    return -int(number.as_tuple().exponent)


def shifted(number: int | Decimal, places: int) -> Decimal:
    """Multiply by ``10 ** places``."""
    return _UNROUNDED.scaleb(number, places)


def exact_ratio(number: object) -> tuple[int, int] | None:
    """
    Write an int, or a Decimal that is exact as above, as numerator and positive denominator.

    Returns:
        None for anything else.
    """
    if type(number) is int:
        return number, 1
    if isinstance(number, Decimal) and exact_decimal(number) is not None:
        return number.as_integer_ratio()
    return None
