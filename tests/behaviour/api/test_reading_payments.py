"""GET /api/v1/payments, and GET /api/v1/payments/{id}."""

from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response

from builders.payments import DECLINED
from builders.shop import PAYMENTS, Shop


def ids(response: Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [payment["id"] for payment in response.json()["data"]]


def field_errors(response: Response) -> list[tuple[str, str]]:
    assert response.status_code == 400
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


@pytest.mark.parametrize(
    "payment_id", ["01900000-0000-7000-8000-000000000404", "7", "not-an-id", "%00", "..", "%ff"]
)
async def test_what_is_not_there_is_not_found(shop: Shop, payment_id: str) -> None:
    response = await shop.client.get(f"{PAYMENTS}/{payment_id}")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("spelling", ["urn:uuid:{}", "{{{}}}", "%7B{}%7D", "{:.35}", "0{}"])
async def test_an_id_has_one_form(shop: Shop, spelling: str) -> None:
    payment = await shop.has_taken()

    response = await shop.client.get(f"{PAYMENTS}/{spelling.format(payment['id'])}")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


async def test_an_id_without_its_dashes_is_none_and_one_in_capitals_is(shop: Shop) -> None:
    payment = await shop.has_taken()

    bare = await shop.client.get(f"{PAYMENTS}/{payment['id'].replace('-', '')}")
    capitals = await shop.client.get(f"{PAYMENTS}/{payment['id'].upper()}")

    assert (bare.status_code, capitals.status_code) == (404, 200)


async def test_no_payments_are_no_pages(shop: Shop) -> None:
    response = await shop.payments()

    assert response.json() == {
        "data": [],
        "page": 1,
        "page_size": 20,
        "total_count": 0,
        "total_pages": 0,
        "has_next_page": False,
        "has_previous_page": False,
        "next_cursor": None,
    }


async def test_the_newest_payment_comes_first_a_page_at_a_time(shop: Shop) -> None:
    taken = [(await shop.has_taken())["id"] for _ in range(5)]
    newest_first = taken[::-1]

    first, last, beyond = [await shop.payments(page=page, page_size=2) for page in (1, 3, 4)]

    assert ids(first) == newest_first[:2]
    assert ids(last) == newest_first[4:]
    assert ids(beyond) == []
    assert [page.json()["has_next_page"] for page in (first, last, beyond)] == [True, False, False]
    assert [page.json()["has_previous_page"] for page in (first, last, beyond)] == [False, True, True]
    assert {(page.json()["total_count"], page.json()["total_pages"]) for page in (first, last, beyond)} == {
        (5, 3)
    }


async def test_a_list_shows_payments_as_they_are_shown_alone(shop: Shop) -> None:
    payment = await shop.has_taken()

    response = await shop.payments()

    assert response.json()["data"] == [payment]


async def test_payments_are_narrowed_by_status_and_customer(shop: Shop) -> None:
    customer = str(uuid4())
    wanted = await shop.has_taken(customer_id=customer)
    await shop.has_taken()
    await shop.pay(DECLINED, customer_id=customer)

    assert ids(await shop.payments(status="Completed", customer_id=customer)) == [wanted["id"]]


async def test_days_are_those_of_utc_and_both_inclusive(shop: Shop) -> None:
    noon = await shop.has_taken()
    shop.clock.advance(timedelta(hours=12))
    midnight = await shop.has_taken()

    assert ids(await shop.payments(from_date="2026-11-20", to_date="2026-11-20")) == [noon["id"]]
    assert ids(await shop.payments(from_date="2026-11-21")) == [midnight["id"]]
    assert ids(await shop.payments(to_date="2026-11-21")) == [midnight["id"], noon["id"]]
    assert ids(await shop.payments(from_date="0001-01-01", to_date="9999-12-31")) == [
        midnight["id"],
        noon["id"],
    ]


async def test_everything_wrong_with_a_query_is_told_at_once(shop: Shop) -> None:
    response = await shop.payments(
        page=0,
        page_size=101,
        cursor="abc",
        status="completed",
        customer_id="7",
        from_date="2026-02-30",
        to_date="tomorrow",
    )

    assert sorted(field_errors(response)) == [
        ("cursor", "not_allowed"),
        ("customer_id", "invalid_format"),
        ("from_date", "invalid_format"),
        ("page", "out_of_range"),
        ("page_size", "out_of_range"),
        ("status", "not_one_of"),
        ("to_date", "invalid_format"),
    ]


@pytest.mark.parametrize("page", ["", "one", "1.0", " 1", "\u0661", "-1", "9" * 30])
async def test_a_page_is_a_number_from_one(shop: Shop, page: str) -> None:
    response = await shop.payments(page=page)

    assert [name for name, _ in field_errors(response)] == ["page"]


async def test_a_page_far_past_the_end_is_empty(shop: Shop) -> None:
    await shop.has_taken()

    assert ids(await shop.payments(page=10**17)) == []


async def test_from_after_to_is_refused(shop: Shop) -> None:
    response = await shop.payments(from_date="2026-11-21", to_date="2026-11-20")

    assert field_errors(response) == [("to_date", "out_of_order")]


async def test_unknown_parameters_are_ignored(shop: Shop) -> None:
    assert (await shop.payments(colour="blue")).status_code == 200
