"""What every store of products does (`core.catalogue.ProductRepository`, `ProductQueries`)."""

import asyncio
from datetime import timedelta

import pytest

from builders import NOON, gbp, kwd
from builders.catalogue import a_product
from quayside.core.catalogue import (
    Begin,
    Product,
    ProductFilter,
    ProductNotFoundError,
    ProductQueries,
    SkuTakenError,
)
from quayside.core.eventlog import Event, EventReader
from quayside.core.kernel import (
    ConcurrencyConflictError,
    Money,
    PageRequest,
    Percentage,
    Place,
    SliceRequest,
)


async def saved(begin: Begin, product: Product) -> Product:
    async with begin() as tx:
        await tx.products.save(product, product.added())
    return product


def repriced(product: Product, price: Money) -> tuple[Event, ...]:
    return product.change(
        name=product.name,
        price=price,
        discount_percentage=product.discount_percentage,
        max_discount=product.max_discount,
        active=product.active,
        at=NOON,
    )


def facts(product: Product) -> dict[str, object]:
    return {name: getattr(product, name) for name in Product.__slots__ if name != "__weakref__"}


async def listed(products: ProductQueries, **wanted: object) -> list[str]:
    page = await products.list(ProductFilter(**wanted), PageRequest())  # type: ignore[arg-type]
    assert page.total_count == len(page.items)
    return [product.sku for product in page.items]


async def test_a_saved_product_is_read_back_whole(begin: Begin, products: ProductQueries) -> None:
    product = a_product(
        "a.B-c_1",
        kwd("0.001"),
        name="Große Kanne",
        discount_percentage=Percentage("12.50"),
        max_discount=Percentage("33.333333"),
        active=False,
        created_at=NOON + timedelta(microseconds=1),
    )

    await saved(begin, product)

    assert facts(await products.get("a.B-c_1")) == facts(product)
    assert product.version == 1
    assert str((await products.get("a.B-c_1")).discount_percentage) == "12.50%"  # as it was written
    async with begin() as tx:
        assert facts(await tx.products.get("a.B-c_1")) == facts(product)


async def test_every_change_is_read_back_with_its_events(
    begin: Begin, products: ProductQueries, events: EventReader
) -> None:
    product = await saved(begin, a_product())

    async with begin() as tx:
        changed = product.change(
            name="A jug",
            price=kwd("1.250"),
            discount_percentage=Percentage(5),
            max_discount=Percentage(10),
            active=False,
            at=NOON,
        )
        await tx.products.save(product, *changed)

    assert facts(await products.get(product.sku)) == facts(product)
    assert product.version == 3
    assert list(await events.read_events(product.stream))[1:] == list(changed)
    assert await listed(products, search="jug", active=False) == [product.sku]
    assert await listed(products, search="teapot") == []


async def test_products_that_are_asked_for_at_once_are_each_found(
    begin: Begin, products: ProductQueries
) -> None:
    jug, pot = [await saved(begin, a_product(sku)) for sku in ("jug", "pot")]

    found = await asyncio.gather(*map(products.get, ["jug", "\0", "pot", "jug"]), return_exceptions=True)

    assert isinstance(found[1], ProductNotFoundError)
    assert [facts(each) for each in found if isinstance(each, Product)] == [
        facts(product) for product in (jug, pot, jug)
    ]


@pytest.mark.parametrize("sku", ["nothing", "\0", "\ud800", "é"])
async def test_an_unknown_product_is_not_found(begin: Begin, products: ProductQueries, sku: str) -> None:
    with pytest.raises(ProductNotFoundError):
        await products.get(sku)
    async with begin() as tx:
        with pytest.raises(ProductNotFoundError):
            await tx.products.get(sku)
    assert await products.of_skus([sku]) == {}


async def test_what_is_rolled_back_leaves_nothing(
    begin: Begin, products: ProductQueries, events: EventReader
) -> None:
    product = a_product()

    with pytest.raises(RuntimeError):
        async with begin() as tx:
            await tx.products.save(product, product.added())
            raise RuntimeError

    assert await products.of_skus([product.sku]) == {}
    assert list(await events.read_stream(product.stream)) == []


async def test_a_stale_save_is_refused_and_changes_nothing(begin: Begin, products: ProductQueries) -> None:
    product = await saved(begin, a_product())
    async with begin() as tx:
        stale = await tx.products.get(product.sku)
        await tx.products.save(product, *repriced(product, gbp("21.00")))

    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            await tx.products.save(stale, *repriced(stale, gbp("22.00")))

    assert facts(await products.get(product.sku)) == facts(product)


async def test_a_taken_sku_is_refused_and_leaves_nothing_and_spoils_nothing(
    begin: Begin, products: ProductQueries, events: EventReader
) -> None:
    first, second, third = await saved(begin, a_product("CUP")), a_product("CUP"), a_product("cup")

    async with begin() as tx:
        with pytest.raises(SkuTakenError):
            await tx.products.save(second, second.added())
        await tx.products.save(third, third.added())

    assert facts(await products.get("CUP")) == facts(first)
    assert list(await events.read_stream(second.stream)) == []
    assert second.version == 0
    assert facts(await products.get("cup")) == facts(third)


async def test_of_those_who_take_a_sku_at_once_one_gets_it(
    begin: Begin, products: ProductQueries, events: EventReader
) -> None:
    racing = [a_product("CUP") for _ in range(5)]

    outcomes = await asyncio.gather(*(saved(begin, each) for each in racing), return_exceptions=True)

    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(refusal) for refusal in refusals] == [SkuTakenError] * 4
    [winner] = [each for each in outcomes if isinstance(each, Product)]
    assert facts(await products.get("CUP")) == facts(winner)
    told = [recorded.stream for recorded in await events.read_all()]
    assert told == [winner.stream]


async def test_products_of_many_skus_are_read_at_once_without_those_that_are_unknown(
    begin: Begin, products: ProductQueries
) -> None:
    cup, pot = await saved(begin, a_product("CUP")), await saved(begin, a_product("POT"))
    await saved(begin, a_product("JUG"))

    found = await products.of_skus(["POT", "nothing", "CUP", "POT"])

    assert {sku: facts(product) for sku, product in found.items()} == {"CUP": facts(cup), "POT": facts(pot)}
    assert await products.of_skus([]) == {}


async def test_what_is_read_is_a_copy(begin: Begin, products: ProductQueries) -> None:
    product = await saved(begin, a_product())

    repriced(await products.get(product.sku), gbp("1.00"))

    assert (await products.get(product.sku)).price == product.price


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("cup", ["CUP-2", "CUP-1"]),
        ("STRASSE", ["CUP-1"]),
        ("straße", ["CUP-1"]),
        ("100%", ["CUP-2"]),
        ("_", []),
        ("2\n1", []),
        ("2100", []),
        ("", ["POT-1", "CUP-2", "CUP-1"]),
    ],
)
async def test_a_search_is_of_the_sku_and_the_name_whatever_their_case(
    begin: Begin, products: ProductQueries, search: str, found: list[str]
) -> None:
    await saved(begin, a_product("CUP-1", name="Cup of Straße"))
    await saved(begin, a_product("CUP-2", name="100% cup"))
    await saved(begin, a_product("POT-1", name="A teapot", active=False))

    assert await listed(products, search=search) == found


async def test_lists_are_newest_first_with_ties_by_id_and_go_on_by_key(
    begin: Begin, products: ProductQueries
) -> None:
    for number in range(5):
        is_old = number == 4
        at = NOON - timedelta(seconds=is_old)
        await saved(begin, a_product(f"CUP-{number}", created_at=at, active=number != 2))
    wanted = ProductFilter(active=True)

    first = await products.list(wanted, PageRequest(page_size=2))
    rest = await products.list_after(wanted, SliceRequest(Place.of(first.items[-1]), 2))

    assert (first.total_count, rest.has_next_page) == (4, False)
    assert [each.sku for each in (*first.items, *rest.items)] == ["CUP-3", "CUP-1", "CUP-0", "CUP-4"]
    past = await products.list(wanted, PageRequest(page=9))
    assert (past.items, past.total_count) == ((), 4)
