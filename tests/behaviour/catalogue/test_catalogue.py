"""The catalogue's rules, through its use cases."""

from datetime import UTC, datetime, timedelta

import pytest

from builders import NOON, gbp, jpy, kwd
from builders.shop import Shop, open_shop, settings_of_a_shop
from quayside.core.catalogue import (
    ProductChange,
    ProductId,
    ProductNotFoundError,
    ProductRequest,
    SkuTakenError,
)
from quayside.core.eventlog import NoSuchStateError
from quayside.core.kernel import ConcurrencyConflictError, ValidationFailedError


def a_request(sku: str = "CUP") -> ProductRequest:
    return ProductRequest(sku=sku, name="A cup", price="4.25", currency="GBP")


async def test_a_product_asked_for_again_under_its_id_is_the_one_that_was_added(shop: Shop) -> None:
    add_product, product_id = shop.application.catalogue.add_product, ProductId(shop.application.new_id())
    first = await add_product(a_request(), product_id=product_id)

    again = await add_product(a_request(), product_id=product_id)

    assert (again.id, again.version) == (first.id, 1)
    with pytest.raises(SkuTakenError):
        await add_product(a_request())
    with pytest.raises(ConcurrencyConflictError):
        await add_product(a_request("POT"), product_id=product_id)


async def test_a_price_that_stays_has_to_be_exact_in_another_currency() -> None:
    async with open_shop(settings_of_a_shop(currencies=("GBP", "JPY", "KWD"))) as shop:
        change_product = shop.application.catalogue.change_product
        await shop.sells("CUP", price="4.25")

        with pytest.raises(ValidationFailedError) as refused:
            await change_product("CUP", ProductChange(currency="JPY"))

        assert [(error.field, error.code) for error in refused.value.field_errors] == [
            ("price", "too_many_decimals")
        ]
        assert (await change_product("CUP", ProductChange(currency="JPY", price=425))).price == jpy("425")
        assert (await change_product("CUP", ProductChange(currency="KWD"))).price == kwd("425.000")


async def test_a_price_is_what_it_was_at_any_time(shop: Shop) -> None:
    catalogue, clock = shop.application.catalogue, shop.clock
    await shop.sells("CUP", price="4.25")
    clock.advance(timedelta(days=1))
    await catalogue.change_product("CUP", ProductChange(price="5.00", name="A mug"))
    clock.advance(timedelta(days=1))
    await catalogue.change_product("CUP", ProductChange(active=False))

    for days, price in [(0, "4.25"), (0.5, "4.25"), (1, "5.00"), (9, "5.00")]:
        assert await catalogue.find_price("CUP", as_of=NOON + timedelta(days=days)) == gbp(price)


async def test_before_it_was_in_the_catalogue_a_product_had_no_price(shop: Shop) -> None:
    await shop.sells("CUP")

    with pytest.raises(NoSuchStateError):
        await shop.application.catalogue.find_price("CUP", as_of=datetime(2026, 11, 15, tzinfo=UTC))
    with pytest.raises(ProductNotFoundError):
        await shop.application.catalogue.find_price("POT", as_of=NOON)


async def test_a_refused_change_changes_nothing(shop: Shop) -> None:
    catalogue = shop.application.catalogue
    await shop.sells("CUP", discount_percentage="10")
    before = await shop.story()

    with pytest.raises(ValidationFailedError):
        await catalogue.change_product("CUP", ProductChange(price="5.00", max_discount="5"))

    assert (await catalogue.products.get("CUP")).price == gbp("19.99")
    assert await shop.story() == before
