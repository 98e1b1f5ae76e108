"""Products over HTTP."""

from typing import Any

import pytest
from attrs import frozen
from httpx import AsyncClient, Response

from builders.members import V1
from builders.shop import Shop
from quayside.core.identity import Role

PRODUCTS = f"{V1}/products"


def a_product_body(**changes: Any) -> dict[str, Any]:
    return {"sku": "TEAPOT-1", "name": "A teapot", "price": "19.99", "currency": "GBP"} | changes


@frozen
class Counter:
    """Where the staff keep the catalogue."""

    shop: Shop
    staff: AsyncClient

    async def add(self, headers: dict[str, str] | None = None, **changes: Any) -> Response:
        return await self.staff.post(PRODUCTS, json=a_product_body(**changes), headers=headers)

    async def has(self, **changes: Any) -> dict[str, Any]:
        response = await self.add(**changes)
        assert response.status_code == 201, response.text
        product: dict[str, Any] = response.json()
        return product

    async def change(self, sku: str, if_match: str | None = None, /, **changes: Any) -> Response:
        headers = {"if-match": if_match} if if_match else None
        return await self.staff.patch(f"{PRODUCTS}/{sku}", json=changes, headers=headers)

    async def listed(self, **query: str) -> list[str]:
        response = await self.shop.client.get(PRODUCTS, params=query)
        assert response.status_code == 200, response.text
        return [product["sku"] for product in response.json()["data"]]


@pytest.fixture
async def counter(shop: Shop) -> Counter:
    return Counter(shop, (await shop.member(Role.STAFF)).client)


def refused(response: Response) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.text
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


async def test_a_product_is_added_with_defaults_and_shown_to_everybody(counter: Counter) -> None:
    response = await counter.add()

    assert response.status_code == 201
    assert response.json() == {
        "sku": "TEAPOT-1",
        "name": "A teapot",
        "price": "19.99",
        "currency": "GBP",
        "discount_percentage": "0",
        "max_discount": "100",
        "active": True,
        "version": 1,
    }
    assert response.headers["location"] == f"{PRODUCTS}/TEAPOT-1"
    shown = await counter.shop.client.get(response.headers["location"])
    assert shown.json() == response.json()
    assert shown.headers["etag"] == response.headers["etag"] == '"1"'


async def test_amounts_and_percentages_are_strings_or_exact_numbers(counter: Counter) -> None:
    body = b'{"sku": "a", "name": "abc", "price": 0.10, "currency": "GBP", "discount_percentage": 12.50}'

    response = await counter.staff.post(PRODUCTS, content=body, headers={"content-type": "application/json"})

    assert (response.json()["price"], response.json()["discount_percentage"]) == ("0.10", "12.50")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"sku": "a b"}, [("sku", "invalid_format")]),
        ({"sku": "a" * 65}, [("sku", "invalid_format")]),
        ({"name": "ab"}, [("name", "too_short")]),
        ({"name": "a" * 101}, [("name", "too_long")]),
        ({"price": "0.00"}, [("price", "out_of_range")]),
        ({"price": "1000000.00"}, [("price", "out_of_range")]),
        ({"price": "19.999"}, [("price", "too_many_decimals")]),
        ({"currency": "CHF"}, [("currency", "not_one_of")]),
        ({"discount_percentage": "50", "max_discount": "49.9"}, [("discount_percentage", "out_of_range")]),
        ({"max_discount": "101"}, [("max_discount", "out_of_range")]),
        ({"active": "yes", "name": "ab"}, [("name", "too_short"), ("active", "wrong_type")]),
        ({"id": 7}, [("id", "unknown_field")]),
        (
            {"sku": "", "name": "", "price": "x", "currency": "", "discount_percentage": "-1"},
            [
                ("sku", "invalid_format"),
                ("name", "too_short"),
                ("price", "invalid_format"),
                ("currency", "not_one_of"),
                ("discount_percentage", "invalid_format"),
            ],
        ),
    ],
)
async def test_every_field_that_breaks_a_rule_is_told_at_once(
    counter: Counter, changes: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    assert refused(await counter.add(**changes)) == errors
    assert await counter.listed() == []


async def test_a_sku_is_taken_once_letter_by_letter(counter: Counter) -> None:
    await counter.has()

    response = await counter.add(name="Another one")

    assert response.status_code == 409
    error = response.json()["error"]
    assert (error["code"], error["field_errors"]) == (
        "conflict",
        [{"field": "sku", "message": "is taken", "code": "taken"}],
    )
    await counter.has(sku="teapot-1")


async def test_a_product_is_added_once_under_one_key(counter: Counter) -> None:
    key = {"idempotency-key": "k"}

    first, again = await counter.add(key), await counter.add(key)

    assert first.status_code == again.status_code == 201
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert (await counter.add(key, name="Another one")).status_code == 422


async def test_what_is_left_out_stays_as_it_is(counter: Counter) -> None:
    before = await counter.has(discount_percentage="10", max_discount="20")

    response = await counter.change("TEAPOT-1", name="A pot")

    assert response.json() == before | {"name": "A pot", "version": 2}
    assert (await counter.change("TEAPOT-1")).json()["version"] == 2


async def test_each_kind_of_change_has_its_event_and_none_where_nothing_changes(counter: Counter) -> None:
    await counter.has()
    before = await counter.shop.story()

    await counter.change("TEAPOT-1", price="20.00", active=False)
    await counter.change("TEAPOT-1", price="20.00", discount_percentage="0.0", currency="GBP")

    assert (await counter.shop.story())[len(before) :] == ["ProductPriceChanged", "ProductChanged"]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"sku": "another"}, [("sku", "unknown_field")]),
        ({"name": None}, [("name", "wrong_type")]),
        ({"price": None}, [("price", "wrong_type")]),
        ({"price": "0", "name": "ab"}, [("name", "too_short"), ("price", "out_of_range")]),
        ({"discount_percentage": "21"}, [("discount_percentage", "out_of_range")]),
        ({"max_discount": "9"}, [("discount_percentage", "out_of_range")]),
        ({"currency": "JPY"}, [("currency", "not_one_of")]),
    ],
)
async def test_a_change_keeps_the_rules_beside_what_stays(
    counter: Counter, changes: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    await counter.has(discount_percentage="10", max_discount="20")

    assert refused(await counter.change("TEAPOT-1", **changes)) == errors


async def test_a_change_is_made_on_condition(counter: Counter) -> None:
    await counter.has()

    assert (await counter.change("TEAPOT-1", '"1"', name="A pot")).status_code == 200
    stale = await counter.change("TEAPOT-1", '"1"', name="A jug")

    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "precondition_failed")


async def test_a_product_that_there_is_not_is_not_found(counter: Counter) -> None:
    for sku in ("nothing", "%00", "%C3%A9", "a%2Fb"):
        assert (await counter.shop.client.get(f"{PRODUCTS}/{sku}")).status_code == 404
    assert (await counter.change("nothing", name="A pot")).status_code == 404


async def test_products_are_searched_by_what_their_sku_or_name_contains_in_any_case(counter: Counter) -> None:
    await counter.has(sku="POT-1", name="Große Kanne")
    await counter.has(sku="CUP-1", name="100% Tasse", active=False)
    await counter.has(sku="CUP-2", name="Eine Tasse")

    assert await counter.listed() == ["CUP-2", "CUP-1", "POT-1"]
    assert await counter.listed(search="cup") == ["CUP-2", "CUP-1"]
    assert await counter.listed(search="GROSSE k") == ["POT-1"]
    assert await counter.listed(search="0%") == ["CUP-1"]
    assert await counter.listed(search="_") == []
    assert await counter.listed(search="") == ["CUP-2", "CUP-1", "POT-1"]
    assert await counter.listed(active="true") == ["CUP-2", "POT-1"]
    assert await counter.listed(active="false", search="tasse") == ["CUP-1"]


async def test_products_are_paged_by_number_and_by_cursor(counter: Counter) -> None:
    for number in range(3):
        await counter.has(sku=f"CUP-{number}")
    query = {"search": "cup", "page_size": "2"}

    first = (await counter.shop.client.get(PRODUCTS, params=query)).json()
    rest = (await counter.shop.client.get(PRODUCTS, params=query | {"cursor": first["next_cursor"]})).json()

    assert (first["total_count"], first["total_pages"]) == (3, 2)
    assert [each["sku"] for each in first["data"] + rest["data"]] == ["CUP-2", "CUP-1", "CUP-0"]
    assert (rest["next_cursor"], rest["total_count"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"active": "yes"}, "active", "invalid_format"),
        ({"search": "\0"}, "search", "invalid_characters"),
        ({"page": "0"}, "page", "out_of_range"),
        ({"cursor": "x"}, "cursor", "invalid_format"),
    ],
)
async def test_a_bad_query_names_its_parameter(
    counter: Counter, query: dict[str, str], field: str, code: str
) -> None:
    assert refused(await counter.shop.client.get(PRODUCTS, params=query)) == [(field, code)]
