"""The steps of pricing, one after the other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen

from ...kernel import Money, Percentage
from ...payments import LEAST_PAYMENT, MOST_PAYMENT
from .basket import Basket
from .discounts import order_discount, product_discounts
from .errors import OrderTotalOutOfRangeError
from .policies import (
    Charge,
    FlatShipping,
    RatePerCurrency,
    ShippingPolicy,
    TaxPolicy,
    WarehouseAssigner,
    first_that_has_every_line,
)
from .promotions import Promotion
from .validating import validated
from .values import Adjustment, AdjustmentKind, OrderLine, PricingRequest, Quote


@frozen
class Pricing:
    """
    Price an order: validate, discount, tax, ship, assign a warehouse. Pure.

    Discounts are taken off in this order, each from what those before it left: the products' own, the promotions as
    they stand here, the order's.

    Args:
        promotions: All there are; each tells by itself which orders it is about.
        least: The total that can be paid at least, in major units.
        most: The total that can be paid at most, in major units.
    """

    promotions: tuple[Promotion, ...] = ()
    tax: TaxPolicy = field(factory=RatePerCurrency)
    shipping: ShippingPolicy = field(factory=FlatShipping)
    warehouse: WarehouseAssigner = first_that_has_every_line
    least: Decimal = LEAST_PAYMENT
    most: Decimal = MOST_PAYMENT

    def __call__(self, request: PricingRequest) -> Quote:
        """
        Raises:
            ItemsNotSoldError: some items cannot be bought, or not together.
            OrderTotalOutOfRangeError: nobody could pay that at once.
        """
        full = validated(request)
        basket = self._discounted(full, request.discount_percentage, request.at)
        lines = basket.order_lines()
        taxes = self.tax(lines)
        left = basket.left()
        shipping = self.shipping(left)
        warehouse = self.warehouse(_wanted(lines), request.stock)
        tax_total = Money.sum((tax.amount for tax in taxes), basket.currency)
        total = left + tax_total + shipping.amount
        if not self.least <= total.amount <= self.most:
            raise OrderTotalOutOfRangeError(total)
        return Quote(
            items=lines,
            items_total=full.left(),
            discount_total=full.left() - left,
            shipping_cost=shipping.amount,
            tax_total=tax_total,
            total=total,
            warehouse=warehouse,
            adjustments=(
                *basket.adjustments,
                *_charged(taxes, shipping),
                _assigned(warehouse, basket.currency),
            ),
        )

    def _discounted(self, basket: Basket, off_the_order: Percentage, at: datetime) -> Basket:
        basket = basket.after(product_discounts(basket))
        for promotion in self.promotions:
            basket = basket.after(promotion.discounts(basket, at))
        return basket.after(order_discount(basket, off_the_order))


def _charged(taxes: Sequence[Charge], shipping: Charge) -> Iterator[Adjustment]:
    kind = AdjustmentKind.TAX
    for index, tax in enumerate(taxes):
        if tax.amount.minor:
            yield Adjustment(kind, tax.what, tax.amount, index)
    yield Adjustment(AdjustmentKind.SHIPPING, shipping.what, shipping.amount)


def _assigned(warehouse: str | None, currency: str) -> Adjustment:
    what = "no warehouse has every line" if warehouse is None else f"{warehouse} has every line"
    return Adjustment(AdjustmentKind.WAREHOUSE, what, Money(0, currency))


def _wanted(lines: Sequence[OrderLine]) -> Counter[str]:
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.sku] += line.quantity
    return wanted
