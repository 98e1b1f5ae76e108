"""GET /api/v1/payments/search?customer_email=: whose payments an e-mail address finds, and for whom."""

from typing import Any

import pytest

from builders.customers import CUSTOMERS, a_customer_body
from builders.members import Member
from builders.shop import PAYMENTS, Shop, a_payment_body
from quayside.core.identity import Role


async def registered(member: Member, email: str = "ada@example.com") -> str:
    response = await member.client.post(CUSTOMERS, json=a_customer_body(email=email))
    customer_id: str = response.json()["id"]
    return customer_id


async def paid(member: Member, customer_id: str) -> str:
    response = await member.client.post(PAYMENTS, json=a_payment_body(customer_id=customer_id))
    payment_id: str = response.json()["id"]
    return payment_id


async def found(member: Member, **query: str) -> list[str]:
    response = await member.client.get(f"{PAYMENTS}/search", params=query)
    assert response.status_code == 200, response.text
    return [payment["id"] for payment in response.json()["data"]]


async def test_an_address_finds_the_payments_of_all_its_customers_in_any_case(shop: Shop) -> None:
    first, second = await registered(shop.ada), await registered(shop.ada, "Ada@Example.com")
    taken = [await paid(shop.ada, first), await paid(shop.ada, second)]
    await paid(shop.ada, await registered(shop.ada, "grace@example.com"))

    assert await found(shop.ada, customer_email="aDA@example.com") == taken[::-1]
    assert await found(shop.ada, customer_email="ada@example.com", card_last4="4242") == taken[::-1]
    assert await found(shop.ada, customer_email="ada@example.com", card_last4="0002") == []
    assert await found(shop.ada, customer_email="da@example.com") == []


async def test_it_finds_only_what_the_caller_sees(shop: Shop) -> None:
    staff, stranger = await shop.member(Role.STAFF), await shop.member()
    customer_id = await registered(shop.ada)
    payment_id = await paid(shop.ada, customer_id)
    strangers = await paid(stranger, customer_id)

    assert await found(staff, customer_email="ada@example.com") == [strangers, payment_id]
    assert await found(shop.ada, customer_email="ada@example.com") == [payment_id]
    # Or whoever takes a payment that names the customer could try whose an address is.
    assert await found(stranger, customer_email="ada@example.com") == []


async def test_who_has_changed_their_address_is_found_by_the_new_one_and_who_is_erased_by_none(
    shop: Shop,
) -> None:
    customer_id = await registered(shop.ada)
    payment_id = await paid(shop.ada, customer_id)

    await shop.client.patch(f"{CUSTOMERS}/{customer_id}", json={"email": "king@example.com"})
    by_each = [await found(shop.ada, customer_email=f"{who}@example.com") for who in ("ada", "king")]
    await shop.client.delete(f"{CUSTOMERS}/{customer_id}")

    assert by_each == [[], [payment_id]]
    assert await found(shop.ada, customer_email="king@example.com") == []
    assert await found(shop.ada, card_last4="4242") == [payment_id]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"customer_email": "ada"}, [("customer_email", "invalid_format")]),
        ({"customer_email": "a" * 255}, [("customer_email", "too_long")]),
        (
            {"customer_email": "", "card_last4": "42"},
            [("card_last4", "invalid_format"), ("customer_email", "invalid_format")],
        ),
    ],
)
async def test_what_is_no_address_is_refused_and_not_repeated(
    shop: Shop, query: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    response = await shop.client.get(f"{PAYMENTS}/search", params=query)

    errors: list[dict[str, Any]] = response.json()["error"]["field_errors"]
    assert response.status_code == 400
    assert [(error["field"], error["code"]) for error in errors] == expected
    assert "aaaa" not in response.text


async def test_a_walk_is_bound_to_its_address_and_no_log_line_shows_it(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    customer_id = await registered(shop.ada)
    payment_ids = [await paid(shop.ada, customer_id) for _ in range(2)]
    where, first = f"{PAYMENTS}/search", {"customer_email": "ada@example.com", "page_size": "1"}

    cursor = (await shop.client.get(where, params=first)).json()["next_cursor"]
    rest = await shop.client.get(where, params=first | {"cursor": cursor})
    other = await shop.client.get(where, params={"customer_email": "grace@example.com", "cursor": cursor})

    assert [payment["id"] for payment in rest.json()["data"]] == payment_ids[:1]
    assert other.status_code == 400
    assert "ada@" not in capsys.readouterr().out
