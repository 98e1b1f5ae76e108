"""POST /api/v1/orders, and POST /api/v1/orders/quote."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from builders import DECLINED
from builders.customers import CUSTOMERS, a_customer_body
from builders.members import V1
from builders.order_desk import AN_ADDRESS, ORDERS, OrderDesk
from builders.shop import a_card_body
from quayside.core.identity import Role


def errors(response: Response, status: int = 400) -> list[tuple[str, str]]:
    assert response.status_code == status, response.text
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


def items(*quantities: object, **changes: Any) -> list[dict[str, Any]]:
    return [{"sku": "TEAPOT", "quantity": quantity} | changes for quantity in quantities]


async def test_an_order_is_placed_at_the_price_of_now(desk: OrderDesk) -> None:
    response = await desk.place(items=[*items(2), {"sku": "CUP", "quantity": 1}])

    order = response.json()
    assert response.status_code == 202
    assert response.headers["location"] == f"{ORDERS}/{order['id']}"
    assert response.headers["etag"] == '"1"'
    assert response.headers["cache-control"] == "no-store"
    assert order == {
        "id": order["id"],
        "customer_id": desk.customer_id,
        "status": "Pending",
        "items": [
            {
                "sku": "TEAPOT",
                "name": "A teapot",
                "unit_price": "20.00",
                "quantity": 2,
                "discount_percentage": "0",
                "line_total": "40.00",
            },
            {
                "sku": "CUP",
                "name": "A cup",
                "unit_price": "4.50",
                "quantity": 1,
                "discount_percentage": "0",
                "line_total": "4.50",
            },
        ],
        "items_total": "44.50",
        "discount_total": "0.00",
        "shipping_cost": "5.99",
        "tax_total": "0.00",
        "total": "50.49",
        "currency": "GBP",
        "warehouse": "YORK",
        "payment_id": None,
        "failure_reason": None,
        "delivery_address": AN_ADDRESS | {"house_name": None, "address_line2": None},
        "created_by": str(desk.shop.ada.user.id),
        "created_at": "2026-11-20T12:00:00Z",
        "version": 1,
    }
    assert await desk.shown(order) == order


async def test_what_is_quoted_is_what_an_order_costs_and_nothing_is_stored(desk: OrderDesk) -> None:
    before = await desk.shop.story()
    wanted: dict[str, Any] = {"items": items(1, 3)}

    quote = (await desk.quote(**wanted)).json()

    assert await desk.shop.story() == before
    assert [it["kind"] for it in quote.pop("adjustments")] == ["shipping", "warehouse"]
    order = await desk.has_placed(**wanted)
    assert quote == {name: order[name] for name in quote}


async def test_a_quote_tells_why_and_looks_at_no_card(desk: OrderDesk) -> None:
    wanted = await of_their_own(desk) | {"payment": {"card_id": str(uuid4())}}

    response = await desk.quote(desk.staff, **wanted, discount_percentage="12.5")

    assert response.status_code == 200, response.text
    assert response.json()["discount_total"] == "5.00"
    assert response.json()["adjustments"][0] == {
        "kind": "order_discount",
        "description": "12.5% off the order",
        "amount": "-5.00",
        "line": 0,
    }


async def of_their_own(desk: OrderDesk) -> dict[str, Any]:
    """A customer and a card of the staff's."""
    customer = (await desk.staff.post(CUSTOMERS, json=a_customer_body())).json()
    card_body = {"customer_id": customer["id"], "paying_card_details": a_card_body()}
    card = (await desk.staff.post(f"{V1}/cards", json=card_body)).json()
    return {"customer_id": customer["id"], "payment": {"card_id": card["card_id"]}}


@pytest.mark.parametrize("discount", ["10", 10, 10.0, "0"])
async def test_only_who_manages_orders_gives_a_discount(desk: OrderDesk, discount: object) -> None:
    refused = await desk.place(discount_percentage=discount)
    allowed = await desk.place(desk.staff, discount_percentage=discount, **await of_their_own(desk))

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert allowed.status_code == 202
    assert allowed.json()["discount_total"] == ("0.00" if discount == "0" else "4.00")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"items": []}, [("items", "too_few")]),
        ({"items": items(*[1] * 101)}, [("items", "too_many")]),
        (
            {"items": items(0, 1001, -1)},
            [(f"items.{n}.quantity", "out_of_range") for n in range(3)],
        ),
        (
            {"items": items("2", 2.0, bool(1), None)},
            [(f"items.{n}.quantity", "wrong_type") for n in range(4)],
        ),
        ({"items": [{"sku": "", "quantity": 1}]}, [("items.0.sku", "too_short")]),
        ({"items": [{"sku": "A", "quantity": 1, "price": "1"}]}, [("items.0.price", "unknown_field")]),
        ({"items": None}, [("items", "wrong_type")]),
        ({"customer_id": "ada"}, [("customer_id", "invalid_format")]),
        (
            {"delivery_address": AN_ADDRESS | {"postcode": "12345", "city": " "}},
            [("delivery_address.city", "blank"), ("delivery_address.postcode", "invalid_format")],
        ),
        ({"discount_percentage": "101"}, [("discount_percentage", "out_of_range")]),
        ({"discount_percentage": "ten"}, [("discount_percentage", "invalid_format")]),
        ({"discount_percentage": True}, [("discount_percentage", "wrong_type")]),
        ({"payment": {}}, [("payment.card_id", "required")]),
        ({"payment": {"card_id": 7}}, [("payment.card_id", "wrong_type")]),
        (
            {"payment": {"card_id": "x", "paying_card_details": a_card_body()}},
            [("payment.paying_card_details", "not_allowed")],
        ),
        (
            {"payment": {"paying_card_details": a_card_body(cvv="1")}},
            [("payment.paying_card_details.cvv", "invalid_format")],
        ),
        ({"total": "1"}, [("total", "unknown_field")]),
    ],
)
async def test_every_rule_that_is_broken_is_told(
    desk: OrderDesk, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    for ask in (desk.place, desk.quote):
        assert errors(await ask(**changes)) == expected


async def test_all_fields_are_told_at_once(desk: OrderDesk) -> None:
    wanted = [{"sku": "\x00", "quantity": "2"}, {"sku": 7, "quantity": 0}]
    response = await desk.ada.post(ORDERS, json={"items": wanted, "payment": {"card": 1}})

    assert errors(response) == [
        ("customer_id", "required"),
        ("items.0.sku", "invalid_characters"),
        ("items.0.quantity", "wrong_type"),
        ("items.1.sku", "wrong_type"),
        ("items.1.quantity", "out_of_range"),
        ("delivery_address", "required"),
        ("payment.card_id", "required"),
        ("payment.card", "unknown_field"),
    ]


async def test_a_customer_whom_nobody_or_somebody_else_knows_is_not_found(desk: OrderDesk) -> None:
    somebody = await desk.shop.member()

    assert (await desk.place(customer_id=str(uuid4()))).status_code == 404
    assert (await desk.place(somebody.client)).status_code == 404
    assert (await desk.quote(somebody.client)).status_code == 404


async def test_what_is_not_sold_or_not_together_is_named(desk: OrderDesk) -> None:
    for sku, currency, active in (("DOLLS", "USD", True), ("GONE", "GBP", False)):
        product = {"sku": sku, "name": "A doll", "price": "1.00", "currency": currency, "active": active}
        await desk.staff.post(f"{V1}/products", json=product)
    wanted = [{"sku": sku, "quantity": 1} for sku in ("NOTHING", "TEAPOT", "GONE", "DOLLS", "TEAPOT")]

    for response in (await desk.place(items=wanted), await desk.quote(items=wanted)):
        assert errors(response, 422) == [
            ("items.0.sku", "unknown"),
            ("items.2.sku", "inactive"),
            ("items.3.sku", "mixed_currencies"),
        ]


@pytest.mark.parametrize("card_id", ["my-visa", "01900000-0000-7000-8000-000000000404"])
async def test_a_card_that_is_not_the_callers_is_named(desk: OrderDesk, card_id: str) -> None:
    assert errors(await desk.place(payment={"card_id": card_id}), 422) == [("payment.card_id", "unknown")]


async def test_not_even_an_admin_pays_with_somebody_elses_card(desk: OrderDesk) -> None:
    admin = await desk.shop.member(Role.ADMIN)

    assert errors(await desk.place(admin.client), 422) == [("payment.card_id", "unknown")]


async def test_a_total_beyond_what_can_be_paid_is_refused_before_any_card_is_kept(desk: OrderDesk) -> None:
    before = await desk.shop.story()
    wanted: dict[str, Any] = {"items": items(501), "payment": {"paying_card_details": a_card_body()}}

    for response in (await desk.place(**wanted), await desk.quote(**wanted)):
        assert response.status_code == 422
        assert response.json()["error"]["code"] == "order_total_out_of_range"
    assert await desk.shop.story() == before


async def test_a_card_that_is_typed_in_is_registered_first_and_known_by_its_id(desk: OrderDesk) -> None:
    before = len(await desk.shop.story())

    order = await desk.has_placed(payment={"paying_card_details": a_card_body()})

    assert (await desk.shop.story())[before:] == ["CardRegistered", "OrderPlaced"]
    again = await desk.has_placed(payment={"card_id": (await desk.events(order))[0]["data"]["card_id"]})
    assert again["status"] == "Pending"


async def test_a_card_that_only_declines_is_found_out_later(desk: OrderDesk) -> None:
    order = await desk.has_placed(payment={"paying_card_details": a_card_body(DECLINED)})

    assert order["status"] == "Pending"


async def test_stock_that_no_warehouse_has_is_no_reason_to_refuse_it_here(desk: OrderDesk) -> None:
    near = await desk.has_placed(items=items(3, 2))
    far = await desk.has_placed(items=items(3, 3))
    nowhere = await desk.has_placed(items=items(100, 1))

    assert [order["warehouse"] for order in (near, far, nowhere)] == ["LEEDS", "YORK", None]


async def test_the_same_order_under_the_same_key_is_placed_once(desk: OrderDesk) -> None:
    card = {"paying_card_details": a_card_body()}
    first = await desk.place(key="k", payment=card)
    before = await desk.shop.story()

    again = await desk.place(key="k", payment=card)
    other = await desk.place(key="k", payment=card, items=items(3))

    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert await desk.shop.story() == before


async def test_without_a_login_nothing_is_ordered(desk: OrderDesk) -> None:
    assert (await desk.place(desk.shop.visitor())).status_code == 401
