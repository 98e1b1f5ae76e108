"""How a result between two whole numbers becomes one of them."""

from enum import StrEnum
from typing import Final


class Rounding(StrEnum):
    """
    The rule for a result that falls between two minor units.

    The first three take the nearer one and differ on a tie; the others do not look at the distance.
    """

    HALF_EVEN = "half_even"  # a tie goes to the even neighbour, so that ties cancel out over many sums
    HALF_UP = "half_up"  # a tie goes away from zero
    HALF_DOWN = "half_down"  # a tie goes towards zero
    UP = "up"  # away from zero
    DOWN = "down"  # towards zero
    CEILING = "ceiling"  # towards plus infinity
    FLOOR = "floor"  # towards minus infinity


# Reading a member off its enum takes longer than the division in CPython 3.11.
_HALF_EVEN: Final = Rounding.HALF_EVEN


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """
    Divide exactly, then round once.

    Args:
        numerator: Of either sign.
        denominator: Positive.
        rounding: What to do with a remainder.
    """
    floor = numerator // denominator
    remainder = numerator - floor * denominator  # sooner than divmod tells both
    if rounding is _HALF_EVEN:
        goes_up = 2 * remainder + (floor & 1) > denominator  # the last bit decides a tie, and nothing else
    else:
        goes_up = _goes_up(rounding, remainder, denominator, negative=numerator < 0)
    return floor + 1 if goes_up else floor


def _goes_up(rounding: Rounding, remainder: int, denominator: int, *, negative: bool) -> bool:
    match rounding:
        case Rounding.HALF_UP:
            return 2 * remainder + (not negative) > denominator
        case Rounding.HALF_DOWN:
            return 2 * remainder + negative > denominator
        case Rounding.UP:
            return remainder > 0 and not negative
        case Rounding.DOWN:
            return remainder > 0 and negative
        case Rounding.CEILING:
            return remainder > 0
        case _:
            return False
