"""What a business decides for itself about an order's price: ports, and the policies that quayside brings."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Protocol

from attrs import field, frozen

from ...kernel import Money, Percentage, currency_exponent
from .values import NONE, OrderLine, Stock


@frozen
class Charge:
    """
    What is added to an order.

    Args:
        amount: Not negative, of the order's currency.
        what: Why, for a person.
    """

    amount: Money
    what: str


class TaxPolicy(Protocol):
    """What tax is due. Pure: the same lines are always taxed alike. Contract: tests/properties/test_pricing.py."""

    def __call__(self, lines: Sequence[OrderLine]) -> Sequence[Charge]:
        """The tax on the ``line_total`` of each, on top of it, in their order."""
        ...


class ShippingPolicy(Protocol):
    """What it costs to send an order. Pure. Contract: tests/properties/test_pricing.py."""

    def __call__(self, discounted: Money) -> Charge:
        """The cost of sending items that come to *discounted*, net of every discount, before tax."""
        ...


class WarehouseAssigner(Protocol):
    """From where an order is sent. Pure. Contract: tests/properties/test_pricing.py."""

    def __call__(self, wanted: Mapping[str, int], stock: Stock) -> str | None:
        """The warehouse that is to send *wanted*, the quantity of each sku; None if none can."""
        ...


@frozen
class RatePerCurrency:
    """
    A tax policy: one rate for all that is sold in a currency, half-even on each line.

    Args:
        rates: By ISO 4217 code; where there is none, nothing is due.
    """

    rates: Mapping[str, Percentage] = field(factory=dict)

    def __call__(self, lines: Sequence[OrderLine]) -> Sequence[Charge]:
        rate = self.rates.get(lines[0].line_total.currency, NONE)
        what = f"tax of {rate}"
        return [Charge(rate.of(line.line_total), what) for line in lines]


@frozen
class ShippingRate:
    """
    What sending costs in one currency.

    Args:
        cost: Of each order …
        free_over: … whose discounted items come to no more than this.
    """

    cost: Money
    free_over: Money


_COST: Final = Decimal("5.99")
_FREE_OVER: Final = Decimal(50)


@frozen
class FlatShipping:
    """
    A shipping policy: one cost for every order, none where its discounted items come to strictly more than a bound.

    Args:
        rates: By ISO 4217 code. A currency that is missing has 5.99 and 50.00, to its minor unit.
    """

    rates: Mapping[str, ShippingRate] = field(factory=dict)

    def __call__(self, discounted: Money) -> Charge:
        currency = discounted.currency
        rate = self.rates.get(currency) or ShippingRate(
            _nearest(_COST, currency), _nearest(_FREE_OVER, currency)
        )
        if discounted > rate.free_over:
            return Charge(Money(0, currency), f"free over {rate.free_over}")
        return Charge(rate.cost, "shipping")


def first_that_has_every_line(wanted: Mapping[str, int], stock: Stock) -> str | None:
    """Assign the first warehouse by name that has all of it: a `WarehouseAssigner`."""
    for warehouse in sorted(stock):
        there = stock[warehouse]
        if all(there.get(sku, 0) >= quantity for sku, quantity in wanted.items()):
            return warehouse
    return None


def _nearest(amount: Decimal, currency: str) -> Money:
    return Money(10 ** currency_exponent(currency), currency) * amount
