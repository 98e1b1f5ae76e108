"""What it takes to price an order."""

from datetime import UTC, datetime
from statistics import median
from timeit import Timer

from benchmarks.harness import Benchmark, Figures
from quayside.core.kernel import Money, Percentage
from quayside.core.ordering import (
    Offer,
    OrderItem,
    PercentageOff,
    Pricing,
    PricingRequest,
    Promotion,
    RatePerCurrency,
)

_ROUNDS = 501
_LINES = 100
_SKUS = [f"SKU-{number}" for number in range(_LINES)]
_PRICING = Pricing(
    promotions=(
        Promotion(name="Sale", effect=PercentageOff(Percentage("15")), minimum_total=Money(1000, "GBP")),
    ),
    tax=RatePerCurrency({"GBP": Percentage("20")}),
)
# Every step has something to do with every line, and there is more than one warehouse to look at.
_REQUEST = PricingRequest(
    items=tuple(OrderItem(sku, 3) for sku in _SKUS),
    offers={
        sku: Offer(sku, f"Number {number}", Money(199 + number, "GBP"), Percentage("12.5"))
        for number, sku in enumerate(_SKUS)
    },
    at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    discount_percentage=Percentage("5"),
    stock={"derby": dict.fromkeys(_SKUS[1:], 9), "leeds": dict.fromkeys(_SKUS, 9)},
)


def _quote() -> Figures:
    quote = _PRICING(_REQUEST)
    assert len(quote.items) == _LINES
    assert quote.warehouse == "leeds"
    timer = Timer(lambda: _PRICING(_REQUEST))
    return Figures(median(timer.timeit(1) for _ in range(_ROUNDS)) * 1e3)


BENCHMARKS = (Benchmark(name="ordering.quote_100_lines", unit="ms", goal=1, measure=_quote),)
