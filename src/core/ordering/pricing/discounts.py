"""The discounts that every order may have: the products', and its own."""

from collections.abc import Iterator

from ...kernel import Percentage
from .basket import Basket
from .values import Adjustment, AdjustmentKind


def product_discounts(basket: Basket) -> Iterator[Adjustment]:
    """What each product's own discount takes off its line, rounded half-even there."""
    kind = AdjustmentKind.PRODUCT_DISCOUNT  # once, because it takes longer than to round
    for index, line in enumerate(basket.lines):
        percentage = line.offer.discount_percentage
        off = percentage.of(line.gross)
        if off.minor:
            yield Adjustment(kind, f"{percentage} off", -off, index)


def order_discount(basket: Basket, percentage: Percentage) -> Iterator[Adjustment]:
    """What the order's discount takes off all that is left, rounded half-even once."""
    off = percentage.of(basket.left())
    every_line = range(len(basket.lines))
    return basket.allotted(AdjustmentKind.ORDER_DISCOUNT, f"{percentage} off the order", off, every_line)
