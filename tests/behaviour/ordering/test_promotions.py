"""Promotions as data."""

from datetime import timedelta

import pytest

from builders import NOON, eur, gbp
from builders.pricing import an_offer, line_totals, priced
from quayside.core.kernel import DateRange, Percentage
from quayside.core.ordering import (
    AmountOff,
    BuySomeGetSome,
    Effect,
    InvalidPromotionError,
    PercentageOff,
    Pricing,
    Promotion,
)

HALF = PercentageOff(Percentage(50))
CUP, POT, TEA = an_offer("cup"), an_offer("pot", gbp("30.00")), an_offer("tea", gbp("0.05"))


def on(effect: Effect, **conditions: object) -> Pricing:
    return Pricing(promotions=(Promotion(name="Sale", effect=effect, **conditions),))  # type: ignore[arg-type]


def test_a_percentage_is_taken_off_the_whole_of_the_lines_it_is_about_and_rounded_half_even_once() -> None:
    everything = priced((TEA, 1), (TEA, 1), pricing=on(HALF))
    pots = priced((CUP, 1), (POT, 1), pricing=on(HALF, skus=frozenset({"pot"})))

    assert line_totals(everything) == ["0.02", "0.03"]
    assert line_totals(pots) == ["10.00", "15.00"]


def test_a_fixed_amount_is_allotted_over_the_lines_in_proportion() -> None:
    quote = priced((CUP, 1), (POT, 1), pricing=on(AmountOff(gbp("5.01"))))

    assert line_totals(quote) == ["8.75", "26.24"]
    assert quote.discount_total == gbp("5.01")


def test_no_more_is_taken_off_than_there_is() -> None:
    quote = priced((CUP, 1), (POT, 1), pricing=on(AmountOff(gbp("99.00")), skus=frozenset({"cup"})))

    assert line_totals(quote) == ["0.00", "30.00"]
    assert quote.discount_total == gbp("10.00")


def test_an_amount_of_another_currency_takes_nothing_off() -> None:
    assert priced((CUP, 1), pricing=on(AmountOff(eur("1.00")))).discount_total == gbp("0.00")


@pytest.mark.parametrize(("quantity", "free"), [(2, 0), (3, 1), (5, 1), (6, 2)])
def test_some_come_free_with_those_that_are_bought(quantity: int, free: int) -> None:
    quote = priced((CUP, quantity), pricing=on(BuySomeGetSome(bought=2, free=1)))

    assert quote.discount_total == gbp("10.00") * free


def test_what_is_bought_is_counted_by_sku_over_its_lines_and_free_at_what_is_left_of_their_price() -> None:
    off = an_offer("cup", off="10")

    quote = priced((off, 2), (POT, 2), (off, 1), pricing=on(BuySomeGetSome(bought=2, free=1)))

    assert line_totals(quote) == ["12.00", "60.00", "6.00"]


@pytest.mark.parametrize(("least", "taken"), [("40.00", "20.00"), ("40.01", "0.00")])
def test_a_minimum_is_of_the_whole_order_less_what_was_taken_off_before(least: str, taken: str) -> None:
    dear = an_offer("vase", gbp("80.00"), off="50")

    quote = priced((dear, 1), pricing=on(HALF, minimum_total=gbp(least)))

    assert quote.discount_total == gbp("40.00") + gbp(taken)


def test_a_minimum_of_another_currency_is_never_reached() -> None:
    assert priced((CUP, 1), pricing=on(HALF, minimum_total=eur("1.00"))).discount_total == gbp("0.00")


@pytest.mark.parametrize(("starts", "taken"), [(0, "5.00"), (1, "0.00"), (-1, "0.00")])
def test_a_promotion_has_its_time(starts: int, taken: str) -> None:
    start = NOON + timedelta(days=starts)

    quote = priced((CUP, 1), pricing=on(HALF, during=DateRange(start, start + timedelta(days=1))))

    assert quote.discount_total == gbp(taken)


def test_promotions_come_between_the_products_discount_and_the_orders_each_on_what_is_left() -> None:
    pricing = Pricing(
        promotions=(
            Promotion(name="Sale", effect=HALF),
            Promotion(name="Voucher", effect=AmountOff(gbp("10.00"))),
        )
    )

    quote = priced((an_offer("vase", gbp("100.00"), off="20"), 1), pricing=pricing, off="10")

    assert [(each.kind, each.what, each.amount.amount_text) for each in quote.adjustments[:4]] == [
        ("product_discount", "20% off", "-20.00"),
        ("promotion", "Sale", "-40.00"),
        ("promotion", "Voucher", "-10.00"),
        ("order_discount", "10% off the order", "-3.00"),
    ]


def test_which_line_gets_a_cent_that_two_tie_for_does_not_depend_on_their_order() -> None:
    penny, three = an_offer("penny", gbp("0.01")), an_offer("three", gbp("0.03"))
    everything_then_one = Pricing(
        promotions=(
            Promotion(name="Half", effect=HALF),
            Promotion(name="Free", effect=PercentageOff(Percentage(100)), skus=frozenset({"penny"})),
        )
    )

    there = priced((penny, 1), (three, 1), pricing=everything_then_one)
    back = priced((three, 1), (penny, 1), pricing=everything_then_one)

    assert there.total == back.total


@pytest.mark.parametrize("bought", [0, -1])
def test_a_promotion_gives_nothing_for_nothing(bought: int) -> None:
    with pytest.raises(InvalidPromotionError):
        BuySomeGetSome(bought=bought, free=1)
    with pytest.raises(InvalidPromotionError):
        AmountOff(gbp("0.01") * bought)
