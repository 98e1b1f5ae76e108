"""Promotions as data: what is taken off which orders, and when."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from attrs import frozen

from ...kernel import DateRange, Money, Percentage, Rounding, divide
from .basket import Basket, Discount
from .values import AdjustmentKind


@frozen
class PercentageOff:
    """Take a share off what is left of the lines, rounded half-even on the whole of them."""

    percentage: Percentage


@frozen
class AmountOff:
    """Take a fixed amount off what is left of the lines, if they are of its currency; no more than there is."""

    amount: Money


@frozen
class BuySomeGetSome:
    """
    Of each sku, the lines of it taken together, *free* come free with every *bought*.

    Args:
        bought: At least 1.
        free: At least 1.
    """

    bought: int
    free: int


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

    def taken_off(self, basket: Basket, at: datetime) -> Basket:
        """What is left of *basket* at a time; the same basket if the promotion is not about it."""
        if not self._is_on(basket, at):
            return basket
        return basket.less(AdjustmentKind.PROMOTION, self._discounts(basket))

    def _is_on(self, basket: Basket, at: datetime) -> bool:
        if self.during and at not in self.during:
            return False
        least = self.minimum_total
        return least is None or (least.currency == basket.currency and basket.left() >= least)

    def _discounts(self, basket: Basket) -> Iterable[Discount]:
        lines = [
            index
            for index, line in enumerate(basket.lines)
            if self.skus is None or line.offer.sku in self.skus
        ]
        match self.effect:
            case PercentageOff(percentage):
                return [Discount(lines, percentage.of(basket.left(lines)), self.name)]
            case AmountOff(amount):
                return [Discount(lines, amount, self.name)] if amount.currency == basket.currency else []
            case BuySomeGetSome(bought, free):
                return [
                    Discount(of_sku, _price_of_free(basket, of_sku, bought, free), self.name)
                    for of_sku in _by_sku(basket, lines)
                ]


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
