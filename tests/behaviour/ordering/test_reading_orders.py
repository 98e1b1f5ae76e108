"""GET /api/v1/orders, /orders/{id} and /orders/{id}/events."""

from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response

from builders.customers import CUSTOMERS
from builders.order_desk import AN_ADDRESS, ORDERS, OrderDesk
from quayside.core.ordering import Cancel, FailureReason, StartPayment
from quayside.core.payments import PaymentId


def ids(response: Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [order["id"] for order in response.json()["data"]]


def errors(response: Response) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.text
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


async def test_an_order_is_shown_to_whoever_made_it_and_to_staff(desk: OrderDesk) -> None:
    order = await desk.has_placed()
    somebody = await desk.shop.member()

    assert (await desk.show(order)).json() == (await desk.show(order, desk.staff)).json() == order
    for path in ("", "/events"):
        hidden = await somebody.client.get(f"{ORDERS}/{order['id']}{path}")
        assert (hidden.status_code, hidden.json()["error"]["code"]) == (404, "not_found")
        assert (await desk.ada.get(f"{ORDERS}/{uuid4()}{path}")).status_code == 404
        assert (await desk.ada.head(f"{ORDERS}/{order['id']}{path}")).status_code == 200
    assert (await desk.ada.get(f"{ORDERS}/7")).status_code == 404


async def test_an_order_is_shown_as_it_was_at_a_version(desk: OrderDesk) -> None:
    order = await desk.has_confirmed()

    statuses = [(await desk.shown(order, version=str(version)))["status"] for version in range(1, 5)]

    assert statuses == ["Pending", "PaymentProcessing", "InventoryReserved", "Confirmed"]
    assert (await desk.shown(order, version="1"))["payment_id"] is None
    assert await desk.shown(order, version="4") == await desk.shown(order)
    for none_such in ("0", "5", "-1", "9" * 30):
        assert (await desk.show(order, version=none_such)).status_code == 404


async def test_an_order_is_shown_as_it_was_at_a_moment(desk: OrderDesk) -> None:
    order = await desk.has_placed()
    desk.shop.clock.advance(timedelta(minutes=1))
    await desk.command(order, StartPayment(PaymentId(uuid4())))

    for moment, version in {
        order["created_at"]: 1,
        "2026-11-20T12:00:59.999999Z": 1,
        "2026-11-20T13:01:00+01:00": 2,
        "2026-11-20T13:00:00.0000009+01:00": 1,
        "2026-11-20t07:00:00-05:00": 1,
        "2999-01-01T00:00:00Z": 2,
    }.items():
        assert (await desk.shown(order, as_of=moment))["version"] == version, moment
    unescaped = await desk.ada.get(f"{ORDERS}/{order['id']}?as_of=2026-11-20T13:00:00+01:00")
    assert unescaped.json()["version"] == 1
    assert (await desk.show(order, as_of="2026-11-20T11:59:59.999999Z")).status_code == 404


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "now",
        "2026-11-20",
        "2026-11-20T12:00:00",
        "2026-02-30T12:00:00Z",
        "2026-11-20T12:00Z",
        "2026-11-20T12:00:00+24:00",
        "0001-01-01T00:00:00+01:00",
        "2026-11-20T12:00:00,5Z",
    ],
)
async def test_what_is_no_moment_is_refused(desk: OrderDesk, moment: str) -> None:
    order = await desk.has_placed()

    assert errors(await desk.show(order, as_of=moment)) == [("as_of", "invalid_format")]


@pytest.mark.parametrize("version", ["", "one", "1.0", "0x1", " 1"])
async def test_what_is_no_version_is_refused(desk: OrderDesk, version: str) -> None:
    order = await desk.has_placed()

    assert errors(await desk.show(order, version=version)) == [("version", "invalid_format")]


async def test_a_version_and_a_moment_are_not_asked_for_together(desk: OrderDesk) -> None:
    order = await desk.has_placed()

    refused = await desk.show(order, version="1", as_of="2026-11-20T12:00:00Z")
    both_bad = await desk.show(order, version="x", as_of="y")

    assert errors(refused) == [("as_of", "not_allowed")]
    assert ("version", "invalid_format") in errors(both_bad)


async def test_all_that_happened_is_told_in_order(desk: OrderDesk) -> None:
    placed = await desk.place()
    order = placed.json()
    desk.shop.clock.advance(timedelta(minutes=1))
    await desk.command(order, Cancel(FailureReason.TIMEOUT))

    first, last = await desk.events(order)

    assert (first["version"], first["type"], first["occurred_at"]) == (1, "OrderPlaced", order["created_at"])
    assert first["causation_id"] is None
    terms = first["data"]
    assert {name: terms[name] for name in ("items", "total", "currency", "warehouse")} == {
        name: order[name] for name in ("items", "total", "currency", "warehouse")
    }
    assert "delivery_address" not in terms
    assert (last["version"], last["type"]) == (2, "OrderCancelled")
    assert last["data"] == {"failure_reason": "timeout", "cancelled_by": None, "reason": None}
    assert {len(event["id"]) for event in (first, last)} == {36}
    assert (await desk.shown(order))["failure_reason"] == "timeout"


async def test_orders_are_listed_by_those_who_made_them_and_by_staff(desk: OrderDesk) -> None:
    orders = []
    for _ in range(3):
        orders.append(await desk.has_placed())
        desk.shop.clock.advance(timedelta(seconds=1))
    await desk.command(orders[1], Cancel(FailureReason.TIMEOUT))
    position = await desk.catch_up()
    newest_first = [order["id"] for order in reversed(orders)]

    mine = await desk.ada.get(ORDERS)
    pages = [await desk.ada.get(ORDERS, params={"page_size": "2"})]
    pages.append(
        await desk.ada.get(ORDERS, params={"page_size": "2", "cursor": pages[0].json()["next_cursor"]})
    )

    assert ids(mine) == ids(await desk.staff.get(ORDERS)) == newest_first
    assert mine.json()["data"][0] == orders[2]
    assert mine.headers["x-read-model-position"] == str(position)
    assert (mine.json()["total_count"], [ids(page) for page in pages]) == (
        3,
        [newest_first[:2], newest_first[2:]],
    )
    assert ids(await desk.ada.get(ORDERS, params={"status": "Cancelled"})) == [orders[1]["id"]]
    assert ids(await desk.ada.get(ORDERS, params={"customer_id": desk.customer_id})) == newest_first
    assert ids(await desk.ada.get(ORDERS, params={"customer_id": str(uuid4())})) == []
    assert ids(await (await desk.shop.member()).client.get(ORDERS)) == []


async def test_a_list_that_cannot_be_is_refused(desk: OrderDesk) -> None:
    refused = await desk.ada.get(ORDERS, params={"status": "pending", "customer_id": "x", "page": "0"})

    assert errors(refused) == [
        ("customer_id", "invalid_format"),
        ("status", "not_one_of"),
        ("page", "out_of_range"),
    ]


async def test_before_the_view_is_built_the_caller_is_asked_to_come_again(desk: OrderDesk) -> None:
    response = await desk.ada.get(ORDERS)

    assert response.status_code == 503
    assert "retry-after" in response.headers


async def test_once_the_customer_is_erased_nothing_tells_where_an_order_went(desk: OrderDesk) -> None:
    placed = await desk.place(key="k")
    order = placed.json()
    await desk.step(order, "cancel", desk.ada, reason="Ada has moved to Ockham")
    before = await desk.show(order)
    assert (await desk.events(order))[1]["data"]["reason"] == "Ada has moved to Ockham"

    assert (await desk.ada.delete(f"{CUSTOMERS}/{desk.customer_id}")).status_code == 204

    after = await desk.show(order)
    await desk.catch_up()
    assert before.json()["delivery_address"]["city"] == AN_ADDRESS["city"]
    assert after.json() == before.json() | {"delivery_address": None}
    assert after.headers["etag"] != before.headers["etag"]
    shown = [
        after.text,
        (await desk.ada.get(ORDERS)).text,
        (await desk.show(order, version="1")).text,
        (await desk.ada.get(f"{ORDERS}/{order['id']}/events")).text,
        (await desk.place(key="k")).text,
    ]
    assert not any("Ockham" in text or AN_ADDRESS["city"] in text for text in shown)
    assert (await desk.place()).status_code == 404
