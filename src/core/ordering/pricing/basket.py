"""An order while its discounts are taken off."""

from collections.abc import Iterable, Iterator, Sequence

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

    def allotted(
        self, kind: AdjustmentKind, what: str, amount: Money, lines: Sequence[int]
    ) -> Iterator[Adjustment]:
        """
        Take *amount* off *lines*, of each in proportion to what is left of it, by largest remainder.

        Args:
            amount: Of more than there is, what there is: no line ever goes below zero.
            lines: Of two that tie for a minor unit, the earlier one here loses it.
        """
        taken = -min(amount, self.left(lines))
        if taken.minor:  # with nothing to share out there may be nothing to share it by
            parts = taken.allocate([self.nets[line].minor for line in lines])
            for line, part in zip(lines, parts, strict=True):
                if part.minor:
                    yield Adjustment(kind, what, part, line)

    def after(self, discounts: Iterable[Adjustment]) -> "Basket":
        """What it is after *discounts*, each of a line of its own."""
        nets, adjustments = list(self.nets), list(self.adjustments)
        for discount in discounts:
            assert discount.line is not None
            nets[discount.line] += discount.amount
            adjustments.append(discount)
        return Basket(self.lines, tuple(nets), tuple(adjustments))

    def order_lines(self) -> tuple[OrderLine, ...]:
        """The lines as an order keeps them."""
        return tuple(
            [
                OrderLine(
                    line.offer.sku,
                    line.offer.name,
                    line.offer.unit_price,
                    line.quantity,
                    line.offer.discount_percentage,
                    net,
                )
                for line, net in zip(self.lines, self.nets, strict=True)
            ]
        )
