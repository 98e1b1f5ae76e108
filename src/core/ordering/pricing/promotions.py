"""Promotions as data: what is taken off which orders, and when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from attrs import frozen

from ...kernel import DateRange, Money, Percentage, Rounding, divide
from .basket import Basket
from .errors import InvalidPromotionError
from .values import Adjustment, AdjustmentKind


@frozen
class PercentageOff:
    """Take a share off what is left of the lines, rounded half-even on the whole of them."""

    percentage: Percentage


@frozen
class AmountOff:
    """
    Take a fixed amount off what is left of the lines, if they are of its currency; no more than there is.

    Args:
        amount: More than nothing.

    Raises:
        InvalidPromotionError.
    """

    amount: Money

    def __attrs_post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise InvalidPromotionError("An amount to take off is more than nothing.")


@frozen
class BuySomeGetSome:
    """
    Of each sku, the lines of it taken together, *free* come free with every *bought*.

    Args:
        bought: At least 1.
        free: At least 1.

    Raises:
        InvalidPromotionError.
    """

    bought: int
    free: int

    def __attrs_post_init__(self) -> None:
        if min(self.bought, self.free) < 1:
            raise InvalidPromotionError("At least one is bought, and at least one comes free.")


Effect: TypeAlias = PercentageOff | AmountOff | BuySomeGetSome


@frozen(kw_only=True)
class Promotion:
    """
    What is taken off an order, and under which conditions.

    Args:
        name: What it is called in the adjustments.
        skus: The only ones it is about; all if None.
        minimum_total: What all items have to come to, less the discounts before this one; of another currency it
            is never reached.
        during: When it is on; always if None.
    """

    name: str
    effect: Effect
    skus: frozenset[str] | None = None
    minimum_total: Money | None = None
    during: DateRange | None = None

    def discounts(self, basket: Basket, at: datetime) -> Iterator[Adjustment]:
        """What it takes off *basket* at a time; nothing if it is not about it."""
        if self._is_on(basket, at):
            for amount, lines in self._amounts(basket, self._lines(basket)):
                yield from basket.allotted(AdjustmentKind.PROMOTION, self.name, amount, lines)

    def _is_on(self, basket: Basket, at: datetime) -> bool:
        if self.during and at not in self.during:
            return False
        least = self.minimum_total
        return least is None or (least.currency == basket.currency and basket.left() >= least)

    def _amounts(self, basket: Basket, lines: Sequence[int]) -> Iterator[tuple[Money, Sequence[int]]]:
        match self.effect:
            case PercentageOff(percentage):
                yield percentage.of(basket.left(lines)), lines
            case AmountOff(amount) if amount.currency == basket.currency:
                yield amount, lines
            case BuySomeGetSome(bought, free):
                for of_sku in _by_sku(basket, lines):
                    yield _price_of_free(basket, of_sku, bought, free), of_sku

    def _lines(self, basket: Basket) -> Sequence[int]:
        """Those that it is about, in an order that is theirs however they were asked for: it decides who is earlier."""

        def facts(index: int) -> tuple[str, int, int]:
            line = basket.lines[index]
            return line.offer.sku, line.quantity, basket.nets[index].minor

        lines = enumerate(basket.lines)
        return sorted(
            (index for index, line in lines if self.skus is None or line.offer.sku in self.skus), key=facts
        )


def _by_sku(basket: Basket, lines: Iterable[int]) -> Iterable[Sequence[int]]:
    found: dict[str, list[int]] = {}
    for index in lines:
        found.setdefault(basket.lines[index].offer.sku, []).append(index)
    return found.values()


def _price_of_free(basket: Basket, lines: Sequence[int], bought: int, free: int) -> Money:
    quantity = sum(basket.lines[index].quantity for index in lines)
    given = quantity // (bought + free) * free
    left = basket.left(lines)
    return Money(divide(left.minor * given, quantity, Rounding.HALF_EVEN), left.currency)
