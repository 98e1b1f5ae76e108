"""What is priced, and what comes of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from ...kernel import Money, Percentage

NONE: Final = Percentage(0)

Stock = Mapping[str, Mapping[str, int]]
"""What each warehouse has to give of each sku."""


@frozen
class OrderItem:
    """
    What somebody wants to have.

    Args:
        quantity: At least 1.
    """

    sku: str
    quantity: int


@frozen
class Offer:
    """
    What a product is sold at.

    Args:
        unit_price: Of one, before any discount.
        discount_percentage: Taken off each line of it.
        active: Whether it is sold at all.
    """

    sku: str
    name: str
    unit_price: Money
    discount_percentage: Percentage = NONE
    active: bool = True


@frozen(kw_only=True)
class PricingRequest:
    """
    Everything that a price depends on; the same request has the same price for ever.

    Args:
        items: Those of one sku stay apart.
        offers: By sku, of the items' at least. One that is missing is not sold.
        at: When it is priced: some promotions have their time.
        discount_percentage: Taken off the whole order, after all other discounts.
        stock: Of the items' skus at least; a warehouse that is missing has none of them.
    """

    items: tuple[OrderItem, ...]
    offers: Mapping[str, Offer]
    at: datetime
    discount_percentage: Percentage = NONE
    stock: Stock = field(factory=dict)


@frozen
class OrderLine:
    """
    One line of an order.

    Args:
        unit_price: Of one, before any discount.
        discount_percentage: The product's own.
        line_total: Of all of them, net of every discount, before tax.
    """

    sku: str
    name: str
    unit_price: Money
    quantity: int
    discount_percentage: Percentage
    line_total: Money


class AdjustmentKind(StrEnum):
    """Which step of pricing something comes from."""

    PRODUCT_DISCOUNT = "product_discount"
    PROMOTION = "promotion"
    ORDER_DISCOUNT = "order_discount"
    TAX = "tax"
    SHIPPING = "shipping"
    WAREHOUSE = "warehouse"


@frozen
class Adjustment:
    """
    Why the total is not simply what the items cost.

    Args:
        what: For a person: ``10% off``, the name of a promotion, ``free over 50.00 GBP``.
        amount: What it adds to the total; a discount is negative.
        line: Index of the line it belongs to; None if it is of the order as a whole.
    """

    kind: AdjustmentKind
    what: str
    amount: Money
    line: int | None = None


@frozen(kw_only=True)
class Quote:
    """
    What an order comes to: ``total = items_total - discount_total + tax_total + shipping_cost``, all of one currency.

    Args:
        items_total: What the items cost before any discount.
        discount_total: What all discounts take off, together.
        warehouse: From where it would be sent; None if no warehouse has every line.
        adjustments: In the order of the steps. Together with ``items_total`` they add up to ``total``, and those of a
            line that are discounts explain its ``line_total``.
    """

    items: tuple[OrderLine, ...]
    items_total: Money
    discount_total: Money
    shipping_cost: Money
    tax_total: Money
    total: Money
    warehouse: str | None
    adjustments: tuple[Adjustment, ...]

    @property
    def currency(self) -> str:
        """The code of the currency of it all."""
        return self.total.currency
