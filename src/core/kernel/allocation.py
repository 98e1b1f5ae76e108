"""
Sharing out a whole so that the parts add up to it.

Source: the largest remainder method (Hamilton, Hare-Niemeyer), as in Fowler's ``Money.allocate``
(Patterns of Enterprise Application Architecture, 2002).
"""

from collections.abc import Iterable
from decimal import Decimal
from math import lcm

from .exact import exact_ratio
from .money_errors import InvalidWeightsError


def largest_remainder(whole: int, weights: Iterable[int | Decimal]) -> list[int]:
    """
    Divide *whole* in proportion to *weights*, in their order.

    Every part is its exact share rounded down or up (in size, whatever the sign of the whole). The units that rounding
    down leaves over go to the parts that lost most by it, of equals to the earlier. A weight of zero gets nothing.

    Raises:
        InvalidWeightsError: there are none, all are zero, or one is negative, NaN, infinite, a float or a bool.
    """
    proportions = _as_integers(weights)
    total = sum(proportions)
    if total == 0:
        raise InvalidWeightsError
    size, sign = abs(whole), -1 if whole < 0 else 1
    parts, remainders = zip(*(divmod(size * proportion, total) for proportion in proportions), strict=True)
    left_over = size - sum(parts)
    # Sorting is stable, so that of equal remainders the earlier stays first.
    by_loss = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
    favoured = set(by_loss[:left_over])
    return [sign * (part + (index in favoured)) for index, part in enumerate(parts)]


def _as_integers(weights: Iterable[int | Decimal]) -> list[int]:
    ratios = []
    for weight in weights:
        ratio = exact_ratio(weight)
        if ratio is None or ratio[0] < 0:
            raise InvalidWeightsError
        ratios.append(ratio)
    scale = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (scale // denominator) for numerator, denominator in ratios]
