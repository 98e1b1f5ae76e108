"""An order while its discounts are taken off."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from ...kernel import Money
from .values import Adjustment, AdjustmentKind, Offer, OrderLine


@frozen
class BasketLine:
    """
    One line, as it stands before any discount.

    Args:
        gross: The price of one times the quantity.
    """

    offer: Offer
    quantity: int
    gross: Money


@frozen
class Discount:
    """
    What is to be taken off some lines, allotted in proportion to what is left of each, by largest remainder.

    Args:
        lines: Their indexes, in order.
        amount: Of more than there is, what there is: no line ever goes below zero.
        what: As of an `Adjustment`.
    """

    lines: Sequence[int]
    amount: Money
    what: str


@frozen
class Basket:
    """
    The lines of an order, and what is left of each.

    Args:
        lines: At least one; all of one currency.
        nets: What is left of each line after the discounts so far; never negative.
        adjustments: The discounts so far.
    """

    lines: tuple[BasketLine, ...]
    nets: tuple[Money, ...]
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def currency(self) -> str:
        """The code of the currency of it all."""
        return self.nets[0].currency

    def left(self, lines: Iterable[int] | None = None) -> Money:
        """What is left of *lines* together; of all of them if None."""
        nets = self.nets if lines is None else [self.nets[line] for line in lines]
        return Money.sum(nets, self.currency)

    def less(self, kind: AdjustmentKind, discounts: Iterable[Discount]) -> "Basket":
        """Take *discounts* off, each from what those before it left."""
        nets, adjustments = list(self.nets), list(self.adjustments)
        for discount in discounts:
            before = [nets[line] for line in discount.lines]
            for line, part in zip(discount.lines, _allotted(discount.amount, before), strict=True):
                if part.minor:
                    nets[line] -= part
                    adjustments.append(Adjustment(kind, discount.what, -part, line))
        return Basket(self.lines, tuple(nets), tuple(adjustments))

    def order_lines(self) -> tuple[OrderLine, ...]:
        """The lines as an order keeps them."""
        return tuple(
            OrderLine(
                line.offer.sku,
                line.offer.name,
                line.offer.unit_price,
                line.quantity,
                line.offer.discount_percentage,
                net,
            )
            for line, net in zip(self.lines, self.nets, strict=True)
        )


def _allotted(amount: Money, nets: Sequence[Money]) -> Sequence[Money]:
    if len(nets) == 1:
        return [min(amount, nets[0])]
    amount = min(amount, Money.sum(nets, amount.currency))
    # With nothing to share out there may be nothing to share it by.
    return amount.allocate([net.minor for net in nets]) if amount.minor else [amount] * len(nets)
