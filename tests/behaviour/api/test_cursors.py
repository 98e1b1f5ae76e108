"""Lists walked by ``?cursor=``."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from builders.members import V1
from builders.payments import A_CUSTOMER
from builders.shop import PAYMENTS, Shop, open_shop, serving, settings_of_a_shop
from quayside.core.identity import Role
from quayside.entrypoints.composition import jwt_key_rotation

USERS = f"{V1}/users"
OTHER_SECRET = "not secret either, and just as long"


def ids(response: Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["data"]]


def refused_fields(response: Response) -> list[str]:
    assert response.status_code == 400, response.text
    assert response.json()["error"]["code"] == "validation_failed"
    return [error["field"] for error in response.json()["error"]["field_errors"]]


async def walked(client: AsyncClient, path: str, **query: Any) -> list[list[str]]:
    """The ids on every page, the first by its number and the others by cursor."""
    page = await client.get(path, params=query)
    pages = [ids(page)]
    while cursor := page.json()["next_cursor"]:
        page = await client.get(path, params=query | {"cursor": cursor})
        pages.append(ids(page))
    return pages


async def a_cursor(shop: Shop, **query: object) -> str:
    for _ in range(2):
        await shop.has_taken()
    cursor: str = (await shop.payments(page_size=1, **query)).json()["next_cursor"]
    return cursor


async def test_payments_are_walked_newest_first_to_the_end(shop: Shop) -> None:
    newest_first = [(await shop.has_taken())["id"] for _ in range(5)][::-1]

    assert await walked(shop.client, PAYMENTS, page_size=2) == [
        newest_first[:2],
        newest_first[2:4],
        newest_first[4:],
    ]
    assert await walked(shop.client, PAYMENTS, page_size=5) == [newest_first]


async def test_accounts_are_walked_newest_first_to_the_end(shop: Shop) -> None:
    admin = await shop.member(Role.ADMIN)
    member = await shop.member()

    assert await walked(admin.client, USERS, page_size=1) == [
        [str(who.user.id)] for who in (member, admin, shop.ada)
    ]


async def test_a_page_by_cursor_says_only_what_it_knows(shop: Shop) -> None:
    cursor = await a_cursor(shop)

    body = (await shop.payments(cursor=cursor, page_size=1)).json()

    assert body.pop("data")
    assert body == {
        "page": None,
        "page_size": 1,
        "total_count": None,
        "total_pages": None,
        "has_next_page": False,
        "has_previous_page": None,
        "next_cursor": None,
    }


async def test_every_numbered_page_but_the_last_leads_on(shop: Shop) -> None:
    taken = [(await shop.has_taken())["id"] for _ in range(3)]

    second = await shop.payments(page=2, page_size=1)
    last, beyond = [await shop.payments(page=page, page_size=1) for page in (3, 4)]

    assert ids(await shop.payments(cursor=second.json()["next_cursor"])) == [taken[0]]
    assert [page.json()["next_cursor"] for page in (last, beyond)] == [None, None]


async def test_what_comes_in_meanwhile_is_not_seen_and_shifts_nothing(shop: Shop) -> None:
    old, place = [(await shop.has_taken())["id"] for _ in range(2)]
    first = await shop.payments(page_size=1)

    await shop.has_taken()
    shop.clock.advance(timedelta(seconds=1))
    await shop.has_taken()

    assert ids(first) == [place]
    assert ids(await shop.payments(cursor=first.json()["next_cursor"])) == [old]


async def test_filters_go_on_with_the_cursor(shop: Shop) -> None:
    customer = str(uuid4())
    wanted = []
    for _ in range(3):
        wanted.append((await shop.has_taken(customer_id=customer))["id"])
        await shop.has_taken()
    filters = {"customer_id": customer, "status": "Completed", "from_date": "2026-11-20"}

    pages = await walked(shop.client, PAYMENTS, page_size=1, **filters)

    assert pages == [[payment_id] for payment_id in wanted[::-1]]


async def test_the_size_of_pages_may_change_on_the_way(shop: Shop) -> None:
    taken = [(await shop.has_taken())["id"] for _ in range(4)]
    cursor = (await shop.payments(page_size=1)).json()["next_cursor"]

    assert ids(await shop.payments(cursor=cursor, page_size=100)) == taken[2::-1]


async def test_one_sees_by_a_cursor_what_one_sees_without(shop: Shop) -> None:
    cursor = await a_cursor(shop)
    stranger = await shop.member()

    response = await stranger.client.get(PAYMENTS, params={"cursor": cursor})

    assert ids(response) == []


@pytest.mark.parametrize(
    "query",
    [
        {"status": "Completed"},
        {"customer_id": str(A_CUSTOMER)},
        {"from_date": "2026-11-20"},
        {"to_date": "2026-11-20"},
    ],
)
async def test_a_cursor_is_bound_to_its_filters(shop: Shop, query: dict[str, str]) -> None:
    without, narrowed = await a_cursor(shop), await a_cursor(shop, **query)

    assert refused_fields(await shop.payments(cursor=without, **query)) == ["cursor"]
    assert refused_fields(await shop.payments(cursor=narrowed)) == ["cursor"]
    assert ids(await shop.payments(cursor=narrowed, **query))


async def test_filters_that_are_spelled_otherwise_are_the_same(shop: Shop) -> None:
    cursor = await a_cursor(shop, customer_id=str(A_CUSTOMER))

    assert ids(await shop.payments(cursor=cursor, customer_id=str(A_CUSTOMER).upper(), colour="blue"))


async def test_a_cursor_is_for_its_own_list(shop: Shop) -> None:
    cursor = await a_cursor(shop)
    admin = await shop.member(Role.ADMIN)

    assert refused_fields(await admin.client.get(USERS, params={"cursor": cursor})) == ["cursor"]


async def test_a_cursor_that_was_tampered_with_is_refused(shop: Shop) -> None:
    cursor = await a_cursor(shop)

    for at, letter in enumerate(cursor):
        forged = cursor[:at] + ("A" if letter != "A" else "B") + cursor[at + 1 :]
        assert refused_fields(await shop.payments(cursor=forged)) == ["cursor"]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "abc",
        "null",
        "é" * 56,
        "A" * 56,
        "A" * 10_000,
        "\0",
        "-" * 55 + "=",
        urlsafe_b64encode(b'{"id": 1}').decode(),
    ],
)
async def test_what_is_no_cursor_is_refused(shop: Shop, cursor: str) -> None:
    assert refused_fields(await shop.payments(cursor=cursor)) == ["cursor"]


@pytest.mark.parametrize("around", [" {}", "{} ", "{}=", "{}\n", "{0}{0}"])
async def test_a_cursor_has_one_spelling(shop: Shop, around: str) -> None:
    cursor = await a_cursor(shop)

    assert refused_fields(await shop.payments(cursor=around.format(cursor))) == ["cursor"]


async def test_a_cursor_and_a_page_exclude_each_other(shop: Shop) -> None:
    cursor = await a_cursor(shop)

    assert refused_fields(await shop.payments(cursor=cursor, page=1)) == ["cursor"]


async def test_the_size_of_a_page_by_cursor_is_checked_too(shop: Shop) -> None:
    cursor = await a_cursor(shop)

    assert refused_fields(await shop.payments(cursor=cursor, page_size=101)) == ["page_size"]


async def test_another_service_of_the_same_secret_takes_a_cursor_and_no_other_does(shop: Shop) -> None:
    cursor = await a_cursor(shop)

    async with serving(shop.application, shop.ada.token) as client:
        assert ids(await client.get(PAYMENTS, params={"cursor": cursor}))
    async with open_shop(settings_of_a_shop(jwt_secret=OTHER_SECRET)) as other:
        assert refused_fields(await other.payments(cursor=cursor)) == ["cursor"]


async def test_a_cursor_outlives_the_exchange_of_the_secret(shop: Shop) -> None:
    cursor = await a_cursor(shop)
    secret = shop.application.settings.jwt_secret
    assert secret is not None

    exchanged = settings_of_a_shop(jwt_secret=OTHER_SECRET, jwt_previous_keys=[secret.get_secret_value()])
    async with open_shop(exchanged) as other:
        assert ids(await other.payments(cursor=cursor)) == []


async def test_every_list_is_described_with_its_cursor(shop: Shop) -> None:
    document = (await shop.client.get("/schema/openapi.json")).json()
    schemas = document["components"]["schemas"]

    lists = 0
    for item in document["paths"].values():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        answer = schemas.get(content.get("application/json", {}).get("schema", {}).get("$ref", "")[21:], {})
        if "total_count" in answer.get("properties", {}):
            lists += 1
            taken = {parameter["name"] for parameter in item["get"]["parameters"]}
            assert {"page", "page_size", "cursor"} <= taken
    assert lists >= 2


async def test_cursors_are_sealed_by_generated_keys_too(tmp_path: Path) -> None:
    settings = settings_of_a_shop(jwt_secret=None, jwt_algorithm="EdDSA", data_dir=tmp_path)
    async with open_shop(settings) as shop:
        cursor = await a_cursor(shop)
        assert ids(await shop.payments(cursor=cursor))

        jwt_key_rotation(settings)

        # The old key's private part is forgotten, and nobody can check its seals any more.
        assert refused_fields(await shop.payments(cursor=cursor)) == ["cursor"]
        assert ids(await shop.payments(cursor=await a_cursor(shop)))
