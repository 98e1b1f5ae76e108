"""The laws of pricing, whatever the policies."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from builders.payments import NOON
from builders.strategies import percentages
from quayside.core.kernel import DateRange, Money, Percentage
from quayside.core.ordering import (
    AdjustmentKind,
    AmountOff,
    BuySomeGetSome,
    FlatShipping,
    Offer,
    OrderItem,
    PercentageOff,
    Pricing,
    PricingRequest,
    Promotion,
    Quote,
    RatePerCurrency,
    ShippingRate,
)

DISCOUNTS = {AdjustmentKind.PRODUCT_DISCOUNT, AdjustmentKind.PROMOTION, AdjustmentKind.ORDER_DISCOUNT}
NOTHING = Money(0, "GBP")
SKUS = ("cup", "pot", "tea")


def pounds_to(most: int, least: int = 0) -> st.SearchStrategy[Money]:
    # Mostly small ones, where every rounding shows.
    return st.one_of(st.integers(least, 50), st.integers(least, most)).map(lambda minor: Money(minor, "GBP"))


promotions = st.lists(
    st.builds(
        Promotion,
        name=st.just("offer"),
        effect=st.one_of(
            st.builds(PercentageOff, percentages()),
            st.builds(AmountOff, pounds_to(5_000, 1)),
            st.builds(BuySomeGetSome, st.integers(1, 4), st.integers(1, 3)),
        ),
        skus=st.one_of(st.none(), st.frozensets(st.sampled_from(SKUS))),
        minimum_total=st.one_of(st.none(), pounds_to(10_000)),
        during=st.sampled_from(
            [None, DateRange(NOON, NOON + timedelta(1)), DateRange(NOON - timedelta(1), NOON)]
        ),
    ),
    max_size=3,
).map(tuple)

pricings = st.builds(
    Pricing,
    promotions=promotions,
    tax=percentages().map(lambda rate: RatePerCurrency({"GBP": rate})),
    shipping=st.builds(ShippingRate, pounds_to(1_000), pounds_to(10_000)).map(
        lambda rate: FlatShipping({"GBP": rate})
    ),
    least=st.just(Decimal(0)),
    most=st.just(Decimal("Infinity")),
)

requests = st.builds(
    PricingRequest,
    items=st.lists(
        st.builds(OrderItem, st.sampled_from(SKUS), st.integers(1, 12)), min_size=1, max_size=8
    ).map(tuple),
    offers=st.tuples(
        *(st.builds(Offer, st.just(sku), st.just(sku), pounds_to(20_000, 1), percentages()) for sku in SKUS)
    ).map(lambda offers: {offer.sku: offer for offer in offers}),
    at=st.just(NOON),
    discount_percentage=percentages(),
    stock=st.dictionaries(
        st.sampled_from(["york", "leeds"]), st.dictionaries(st.sampled_from(SKUS), st.integers(0, 40))
    ),
)


@given(pricings, requests)
def test_parts_add_up_to_the_whole(pricing: Pricing, request: PricingRequest) -> None:
    quote = pricing(request)

    assert quote.total == quote.items_total - quote.discount_total + quote.tax_total + quote.shipping_cost
    assert quote.items_total == total(line.unit_price * line.quantity for line in quote.items)
    assert quote.items_total - quote.discount_total == total(line.line_total for line in quote.items)


@given(pricings, requests)
def test_adjustments_explain_every_amount(pricing: Pricing, request: PricingRequest) -> None:
    quote = pricing(request)
    by_kind: dict[AdjustmentKind, Money] = defaultdict(lambda: NOTHING)
    off_line: dict[int, Money] = defaultdict(lambda: NOTHING)
    for each in quote.adjustments:
        by_kind[each.kind] += each.amount
        if each.kind in DISCOUNTS:
            assert each.line is not None
            off_line[each.line] += each.amount

    assert quote.items_total + total(by_kind.values()) == quote.total
    assert by_kind[AdjustmentKind.TAX] == quote.tax_total
    assert by_kind[AdjustmentKind.SHIPPING] == quote.shipping_cost
    assert -total(by_kind[kind] for kind in DISCOUNTS) == quote.discount_total
    for index, line in enumerate(quote.items):
        assert line.line_total == line.unit_price * line.quantity + off_line[index]


@given(pricings, requests)
def test_nothing_is_negative_or_more_than_its_price(pricing: Pricing, request: PricingRequest) -> None:
    quote = pricing(request)

    for line in quote.items:
        assert NOTHING <= line.line_total <= line.unit_price * line.quantity
    assert min(quote.total, quote.discount_total, quote.shipping_cost, quote.tax_total) >= NOTHING


@given(pricings, requests, st.data())
def test_the_order_of_lines_never_changes_what_an_order_comes_to_before_tax(
    pricing: Pricing, request: PricingRequest, data: st.DataObject
) -> None:
    permuted = evolve(request, items=tuple(data.draw(st.permutations(request.items))))
    untaxed = evolve(pricing, tax=RatePerCurrency())

    assert facts(untaxed(permuted)) == facts(untaxed(request))


@given(pricings, requests, st.data())
def test_the_order_of_lines_changes_no_taxed_total_either_but_for_cents_of_the_orders_discount_that_lines_tie_for(
    pricing: Pricing, request: PricingRequest, data: st.DataObject
) -> None:
    request = evolve(request, discount_percentage=Percentage(0))
    permuted = evolve(request, items=tuple(data.draw(st.permutations(request.items))))

    assert facts(pricing(permuted)) == facts(pricing(request))


@given(pricings, requests)
def test_the_warehouse_has_every_line_and_no_one_before_it_has(
    pricing: Pricing, request: PricingRequest
) -> None:
    wanted: dict[str, int] = defaultdict(int)
    for item in request.items:
        wanted[item.sku] += item.quantity
    able = [
        name
        for name, there in sorted(request.stock.items())
        if all(there.get(sku, 0) >= quantity for sku, quantity in wanted.items())
    ]

    assert pricing(request).warehouse == (able[0] if able else None)


def total(amounts: Any) -> Money:
    return Money.sum(amounts, "GBP")


def facts(quote: Quote) -> tuple[object, ...]:
    return (
        quote.items_total,
        quote.discount_total,
        quote.shipping_cost,
        quote.tax_total,
        quote.total,
        quote.warehouse,
    )
