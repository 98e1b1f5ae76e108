"""Cards that are registered once, and paid with by their id."""

from typing import Any
from uuid import uuid4

import pytest

from builders.members import V1, Member
from builders.payments import A_CUSTOMER, APPROVED, DECLINED, UNREACHABLE
from builders.shop import PAYMENTS, Shop, a_card_body, a_payment_body

CARDS = f"{V1}/cards"


async def a_card_of(member: Member, number: str = APPROVED, **headers: str) -> dict[str, Any]:
    body = {"customer_id": str(A_CUSTOMER), "paying_card_details": a_card_body(number)}
    response = await member.client.post(CARDS, json=body, headers=headers)
    assert response.status_code == 201, response.text
    card: dict[str, Any] = response.json()
    return card


def by_id(card_id: str, **changes: Any) -> dict[str, Any]:
    body = a_payment_body(card_id=card_id) | changes
    return {name: value for name, value in body.items() if not name.endswith("_details")}


async def test_a_registered_card_is_shown_by_what_is_kept_of_it(shop: Shop) -> None:
    card = await a_card_of(shop.ada)

    assert card == {
        "card_id": card["card_id"],
        "customer_id": str(A_CUSTOMER),
        "brand": "visa",
        "last4": "4242",
        "expiry_month": 12,
        "expiry_year": 2030,
    }
    assert await shop.story() == [*(await shop.story())[:-1], "CardRegistered"]


@pytest.mark.parametrize(("number", "status"), [(APPROVED, 201), (DECLINED, 402), (UNREACHABLE, 502)])
async def test_a_payment_by_a_registered_card_takes_no_details(shop: Shop, number: str, status: int) -> None:
    card = await a_card_of(shop.ada, number)

    response = await shop.client.post(PAYMENTS, json=by_id(card["card_id"]))

    [payment] = (await shop.payments()).json()["data"]
    assert response.status_code == status
    assert (payment["card_id"], payment["card_last4"]) == (card["card_id"], number[-4:])
    assert payment["card_brand"] == "visa"


async def test_a_lost_answer_is_found_again_with_a_registered_card(shop: Shop) -> None:
    card = await a_card_of(shop.ada, "4000000000000507")

    first = await shop.client.post(PAYMENTS, json=by_id(card["card_id"]))

    assert (first.status_code, first.json()["status"]) == (202, "Pending")


@pytest.mark.parametrize("whose", ["nobody's", "another's", "a name"])
async def test_another_card_needs_its_details(shop: Shop, whose: str) -> None:
    another = await a_card_of(await shop.member())
    card_id = {"nobody's": str(uuid4()), "another's": another["card_id"], "a name": "my-visa"}[whose]

    for headers in ({}, {"Idempotency-Key": "once"}):
        response = await shop.client.post(PAYMENTS, json=by_id(card_id), headers=headers)

        assert response.status_code == 400
        assert [(each["field"], each["code"]) for each in response.json()["error"]["field_errors"]] == [
            ("address_details", "required"),
            ("paying_card_details", "required"),
        ]
    paid = await shop.client.post(PAYMENTS, json=a_payment_body(card_id=card_id))
    assert paid.status_code == 201


async def test_details_come_whole_or_not_at_all(shop: Shop) -> None:
    card = await a_card_of(shop.ada)
    body = by_id(card["card_id"]) | {"paying_card_details": a_card_body()}

    response = await shop.client.post(PAYMENTS, json=body)

    assert response.status_code == 400
    assert [each["field"] for each in response.json()["error"]["field_errors"]] == ["address_details"]


async def test_a_card_is_registered_once_a_key(shop: Shop) -> None:
    first = await a_card_of(shop.ada, **{"Idempotency-Key": "card-1"})
    again = await a_card_of(shop.ada, **{"Idempotency-Key": "card-1"})

    assert first == again
    assert (await shop.story()).count("CardRegistered") == 1


@pytest.mark.parametrize(
    "changes", [{"card_number": "4242424242424241"}, {"cvv": "12"}, {"expiry_year": 2020}]
)
async def test_a_card_keeps_the_rules(shop: Shop, changes: dict[str, Any]) -> None:
    body = {"customer_id": str(A_CUSTOMER), "paying_card_details": a_card_body(**changes)}

    response = await shop.client.post(CARDS, json=body)

    assert response.status_code == 400
    assert "CardRegistered" not in await shop.story()
