import pytest

from builders import NOON, eur, gbp, jpy
from builders.pricing import an_offer, line_totals, priced
from quayside.core.kernel import Percentage
from quayside.core.ordering import (
    ItemsNotSoldError,
    OrderItem,
    OrderTotalOutOfRangeError,
    Pricing,
    PricingRequest,
    RatePerCurrency,
)


def test_a_quote_adds_up_what_the_items_cost_and_sending_them() -> None:
    quote = priced((an_offer("cup", gbp("4.25")), 2), (an_offer("pot", gbp("30.00")), 1))

    assert quote.items_total == gbp("38.50")
    assert quote.discount_total == quote.tax_total == gbp("0.00")
    assert quote.shipping_cost == gbp("5.99")
    assert quote.total == gbp("44.49")
    assert quote.currency == "GBP"


def test_the_products_discount_is_rounded_half_even_on_its_line() -> None:
    quote = priced((an_offer("cup", gbp("0.25"), off="10"), 1), (an_offer("pot", gbp("0.35"), off="10"), 1))

    assert line_totals(quote) == ["0.23", "0.31"]  # 0.025 is rounded to 0.02, 0.035 to 0.04
    assert quote.discount_total == gbp("0.06")


def test_the_orders_discount_is_taken_off_what_is_left_and_allotted_by_largest_remainder() -> None:
    quote = priced((an_offer("cup", off="50"), 1), (an_offer("pot"), 1), (an_offer("tea"), 1), off="33.33")

    assert quote.discount_total == gbp("5.00") + gbp("8.33")  # 8.3325 of the 25.00 that are left
    assert line_totals(quote) == ["3.33", "6.67", "6.67"]


def test_of_lines_that_lose_alike_by_rounding_the_earlier_gets_the_cent() -> None:
    quote = priced((an_offer("cup"), 1), (an_offer("pot"), 1), (an_offer("tea"), 1), off="0.0333333")

    assert line_totals(quote) == ["9.99", "10.00", "10.00"]


def test_lines_of_one_sku_stay_apart() -> None:
    quote = priced((an_offer("cup"), 1), (an_offer("cup"), 2))

    assert [line.quantity for line in quote.items] == [1, 2]


@pytest.mark.parametrize(("price", "cost"), [("50.00", "5.99"), ("50.01", "0.00")])
def test_sending_is_free_strictly_over_fifty_of_what_is_left_after_discounts(price: str, cost: str) -> None:
    assert priced((an_offer("pot", gbp(price)), 1)).shipping_cost == gbp(cost)
    assert priced((an_offer("pot", gbp(price) * 2, off="50"), 1)).shipping_cost == gbp(cost)


def test_sending_costs_as_near_to_it_as_a_currency_can_be_counted() -> None:
    assert priced((an_offer("pot", jpy("50")), 1)).shipping_cost == jpy("6")


def test_tax_is_rounded_half_even_on_each_line_after_discounts() -> None:
    pricing = Pricing(tax=RatePerCurrency({"GBP": Percentage("5")}))

    quote = priced(
        (an_offer("cup", gbp("0.50")), 1), (an_offer("pot", gbp("0.60"), off="50"), 1), pricing=pricing
    )

    assert quote.tax_total == gbp("0.02") + gbp("0.02")  # of 0.025 and 0.015
    assert quote.total == gbp("0.80") + gbp("0.04") + gbp("5.99")


def test_the_warehouse_is_the_first_by_name_that_has_every_line_those_of_one_sku_together() -> None:
    stock = {"york": {"cup": 9, "pot": 9}, "leeds": {"cup": 3, "pot": 1}, "derby": {"cup": 2, "pot": 1}}

    quote = priced((an_offer("cup"), 1), (an_offer("pot"), 1), (an_offer("cup"), 2), stock=stock)

    assert quote.warehouse == "leeds"


def test_no_warehouse_is_named_where_none_has_every_line() -> None:
    quote = priced(
        (an_offer("cup"), 1), (an_offer("pot"), 1), stock={"york": {"cup": 9}, "leeds": {"pot": 9}}
    )

    assert quote.warehouse is None


def test_every_item_that_cannot_be_sold_is_named_at_once() -> None:
    offers = [an_offer("cup"), an_offer("old", active=False), an_offer("euro", eur("10.00"))]
    wanted = [("cup", 1), ("gone", 1), ("old", 1), ("euro", 1), ("cup", 0)]
    request = PricingRequest(
        items=tuple(OrderItem(*item) for item in wanted),
        offers={offer.sku: offer for offer in offers},
        at=NOON,
    )

    with pytest.raises(ItemsNotSoldError) as refused:
        Pricing()(request)

    assert [(error.field, error.code) for error in refused.value.field_errors] == [
        ("items.1.sku", "unknown"),
        ("items.2.sku", "inactive"),
        ("items.3.sku", "mixed_currencies"),
        ("items.4.quantity", "out_of_range"),
    ]


def test_nothing_is_no_order() -> None:
    with pytest.raises(ItemsNotSoldError):
        priced()


def test_a_total_that_no_payment_can_have_is_refused() -> None:
    assert priced((an_offer("ship", gbp("10000.00")), 1)).total == gbp("10000.00")

    with pytest.raises(OrderTotalOutOfRangeError):
        priced((an_offer("ship", gbp("10000.01")), 1))


def test_every_step_explains_itself() -> None:
    pricing = Pricing(tax=RatePerCurrency({"GBP": Percentage("20")}))
    stock = {"leeds": {"cup": 2, "pot": 1}}

    quote = priced(
        (an_offer("cup", off="10"), 2), (an_offer("pot"), 1), off="5", pricing=pricing, stock=stock
    )

    assert [(each.kind, each.what, each.amount.amount_text, each.line) for each in quote.adjustments] == [
        ("product_discount", "10% off", "-2.00", 0),
        ("order_discount", "5% off the order", "-0.90", 0),
        ("order_discount", "5% off the order", "-0.50", 1),
        ("tax", "tax of 20%", "3.42", 0),
        ("tax", "tax of 20%", "1.90", 1),
        ("shipping", "shipping", "5.99", None),
        ("warehouse", "leeds has every line", "0.00", None),
    ]
