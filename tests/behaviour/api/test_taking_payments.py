"""POST /api/v1/payments."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from builders.payments import (
    A_CUSTOMER,
    ANSWER_LOST,
    APPROVED,
    CAPTURE_DECLINED,
    DECLINED,
    SLOW,
    UNREACHABLE,
)
from builders.shop import PAYMENTS, Shop, a_card_body, a_payment_body, open_shop, settings_of_a_shop


def field_errors(response: Response) -> list[tuple[str, str]]:
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "validation_failed"
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


async def test_a_payment_is_taken_and_can_be_read_from_then_on(shop: Shop) -> None:
    response = await shop.pay(description="Two tickets", metadata={"order": 7})

    payment = response.json()
    assert response.status_code == 201
    assert payment == {
        "id": payment["id"],
        "status": "Completed",
        "amount": "19.99",
        "currency": "GBP",
        "customer_id": str(A_CUSTOMER),
        "card_id": "my-visa",
        "card_last4": "4242",
        "card_brand": "visa",
        "description": "Two tickets",
        "metadata": {"order": 7},
        "captured_amount": "19.99",
        "refunded_amount": "0.00",
        "failure": None,
        "needs_attention": False,
        "created_by": str(shop.ada.user.id),
        "created_at": "2026-11-20T12:00:00Z",
        "processed_at": "2026-11-20T12:00:00Z",
        "version": 3,
    }
    assert response.headers["location"] == f"{PAYMENTS}/{payment['id']}"
    assert (await shop.client.get(response.headers["location"])).json() == payment


async def test_a_payment_that_is_only_to_be_held_is_processing(shop: Shop) -> None:
    response = await shop.pay(capture=False)

    assert response.status_code == 201
    assert response.json()["status"] == "Processing"
    assert response.json()["captured_amount"] == "0.00"


@pytest.mark.parametrize(
    ("card", "decline_code"),
    [
        (DECLINED, "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        (CAPTURE_DECLINED, "capture_declined"),
    ],
)
async def test_a_declined_payment_is_kept_as_failed(shop: Shop, card: str, decline_code: str) -> None:
    response = await shop.pay(card)

    error = response.json()["error"]
    assert response.status_code == 402
    assert (error["code"], error["decline_code"]) == ("card_declined", decline_code)
    kept = (await shop.client.get(f"{PAYMENTS}/{error['payment_id']}")).json()
    assert (kept["status"], kept["failure"]["code"]) == ("Failed", decline_code)


async def test_a_payment_that_was_surely_not_charged_is_kept_as_failed(shop: Shop) -> None:
    response = await shop.pay(UNREACHABLE)

    error = response.json()["error"]
    assert response.status_code == 502
    assert error["code"] == "external_service_error"
    kept = (await shop.client.get(f"{PAYMENTS}/{error['payment_id']}")).json()
    assert (kept["status"], kept["failure"]["code"]) == ("Failed", "external_service_error")


async def test_a_payment_whose_outcome_is_unknown_is_accepted_and_can_be_followed(shop: Shop) -> None:
    response = await shop.pay(ANSWER_LOST)

    assert response.status_code == 202
    assert response.json()["status"] == "Pending"
    followed = await shop.client.get(response.headers["location"])
    assert followed.json() == response.json()


async def test_a_slow_gateway_is_waited_for(shop: Shop) -> None:
    response = await shop.pay(SLOW)

    assert response.status_code == 201
    assert response.json()["processed_at"] == "2026-11-20T12:00:03Z"


async def test_microseconds_of_a_time_are_kept(shop: Shop) -> None:
    shop.clock.advance(timedelta(microseconds=120))

    payment = await shop.has_taken()

    assert payment["created_at"] == "2026-11-20T12:00:00.000120Z"


async def test_errors_of_shape_and_of_rules_come_in_one_answer_in_the_order_of_the_fields(shop: Shop) -> None:
    body: dict[str, Any] = a_payment_body(
        amount="10000.01",
        currency=7,
        card_id="",
        capture="yes",
        nickname="Ada",
        paying_card_details=a_card_body("4242424242424241", expiry_month="12", cvv="12"),
    )
    del body["customer_id"], body["address_details"]["city"]
    body["address_details"]["postcode"] = "nowhere"

    response = await shop.client.post(PAYMENTS, json=body)

    assert field_errors(response) == [
        ("amount", "out_of_range"),
        ("currency", "wrong_type"),
        ("card_id", "too_short"),
        ("customer_id", "required"),
        ("capture", "wrong_type"),
        ("address_details.city", "required"),
        ("address_details.postcode", "invalid_format"),
        ("paying_card_details.card_number", "invalid_card_number"),
        ("paying_card_details.expiry_month", "wrong_type"),
        ("paying_card_details.cvv", "invalid_format"),
        ("nickname", "unknown_field"),
    ]


async def test_errors_of_rules_alone_come_in_one_answer(shop: Shop) -> None:
    response = await shop.pay(amount="19.999", card_id="x" * 51, description="x" * 501)

    assert field_errors(response) == [
        ("amount", "too_many_decimals"),
        ("card_id", "too_long"),
        ("description", "too_long"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": True}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": " 1"}, "amount"),
        ({"amount": "\u0661"}, "amount"),
        ({"capture": "true"}, "capture"),
        ({"capture": 1}, "capture"),
        ({"customer_id": "7"}, "customer_id"),
        ({"customer_id": "{01900000-0000-7000-8000-0000000c0571}"}, "customer_id"),
        ({"customer_id": 7}, "customer_id"),
        ({"metadata": []}, "metadata"),
        ({"metadata": "{}"}, "metadata"),
        ({"address_details": "Baker Street"}, "address_details"),
        ({"address_details": None}, "address_details"),
        ({"paying_card_details": a_card_body(expiry_year="2030")}, "paying_card_details.expiry_year"),
        ({"paying_card_details": a_card_body(expiry_year=2030.5)}, "paying_card_details.expiry_year"),
        ({"paying_card_details": a_card_body(cvv=123)}, "paying_card_details.cvv"),
        ({"paying_card_details": a_card_body(cvc="123")}, "paying_card_details.cvc"),
    ],
)
async def test_nothing_is_taken_for_what_it_is_not(shop: Shop, changes: dict[str, Any], field: str) -> None:
    response = await shop.client.post(PAYMENTS, json=a_payment_body(**changes))

    assert [name for name, _ in field_errors(response)] == [field]


async def test_no_answer_repeats_what_was_sent(shop: Shop) -> None:
    card = a_card_body("4242 4242 4242 4241", expiry_month=13, cvv="98765", cardholder_name="Ada" * 50)
    body = a_payment_body(paying_card_details=card, description="x\x00sesame", sesame=1)

    refused = await shop.client.post(PAYMENTS, json=body)
    taken = await shop.pay(APPROVED)

    assert refused.status_code == 400
    assert not any(word in refused.text for word in ("4242", "98765", "AdaAda", "x\\u0000"))
    assert APPROVED not in taken.text
    assert "123" not in taken.json().values()


async def test_a_payment_that_takes_too_long_can_be_looked_up_by_the_id_in_the_refusal() -> None:
    async with open_shop(settings_of_a_shop(request_timeout_s=1), sleep=asyncio.sleep) as shop:
        response = await shop.pay(SLOW)
        error = response.json()["error"]
        payment = (await shop.client.get(f"{PAYMENTS}/{error['payment_id']}")).json()

    assert response.status_code == 504
    assert error["code"] == "timeout"
    assert payment["status"] == "Pending"


async def test_a_payment_without_anything_is_told_all_that_it_lacks(shop: Shop) -> None:
    response = await shop.pay_with("{}")

    fields = [error["field"] for error in response.json()["error"]["field_errors"]]
    assert fields == [
        "amount",
        "currency",
        "card_id",
        "customer_id",
        "address_details",
        "paying_card_details",
    ]
