"""POST /api/v1/orders/{id}/cancel, /ship and /deliver."""

from uuid import UUID, uuid4

import pytest
from httpx import Response

from builders.order_desk import ORDERS, OrderDesk
from quayside.core.identity import Role
from quayside.core.inventory import ReleaseReservation, ReservationId
from quayside.core.ordering import OrderId, StartPayment, StepRequest
from quayside.core.payments import PaymentId


def code(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def levels(desk: OrderDesk) -> dict[str, int]:
    """What each warehouse can still give of teapots."""
    available = await desk.shop.application.storage.stock.availability(["TEAPOT"])
    return {warehouse: there["TEAPOT"] for warehouse, there in available.items()}


async def test_a_confirmed_order_is_shipped_with_what_was_reserved_for_it_and_delivered(
    desk: OrderDesk,
) -> None:
    order = await desk.has_confirmed()
    reserved = await levels(desk)

    shipped = await desk.step(order, "ship", reason="left at the door")
    delivered = await desk.step(order, "deliver")

    assert (shipped.status_code, shipped.json()["status"], shipped.json()["version"]) == (200, "Shipped", 5)
    assert (delivered.status_code, delivered.json()["status"]) == (200, "Delivered")
    assert delivered.headers["etag"] == '"6"'
    assert reserved == await levels(desk) == {"LEEDS": 3, "YORK": 100}
    stock = await desk.shop.application.storage.stock.find("TEAPOT")
    assert stock is not None
    left = {name: (level.on_hand, level.reserved) for name, level in stock.levels.items()}
    assert left == {"LEEDS": (3, 0), "YORK": (100, 0)}
    last = (await desk.events(order))[-2:]
    assert [event["data"]["reason"] for event in last] == ["left at the door", None]


async def test_what_the_warehouse_has_given_away_is_not_shipped(desk: OrderDesk) -> None:
    order = await desk.has_confirmed()
    release = ReleaseReservation(desk.shop.application.storage.reservations, desk.shop.clock)
    await release(ReservationId(UUID(order["id"])))

    assert code(await desk.step(order, "ship")) == (422, "invalid_state_transition")
    assert (await desk.shown(order))["status"] == "Confirmed"


@pytest.mark.parametrize("step", ["ship", "deliver"])
async def test_only_who_manages_orders_ships_and_delivers(desk: OrderDesk, step: str) -> None:
    order = await desk.has_confirmed()

    assert code(await desk.step(order, step, desk.ada)) == (403, "forbidden")
    assert (await desk.shown(order))["status"] == "Confirmed"


async def test_an_order_is_cancelled_by_whoever_made_it_or_manages_it(desk: OrderDesk) -> None:
    mine, theirs = await desk.has_placed(), await desk.has_placed()
    await desk.command(mine, StartPayment(PaymentId(uuid4())))
    somebody = await desk.shop.member()

    assert code(await desk.step(mine, "cancel", somebody.client)) == (404, "not_found")
    by_ada = await desk.step(mine, "cancel", desk.ada, reason="Changed my mind")
    by_staff = await desk.step(theirs, "cancel")

    assert (by_ada.status_code, by_ada.json()["status"], by_ada.json()["failure_reason"]) == (
        200,
        "Cancelled",
        None,
    )
    assert by_staff.status_code == 200
    told = (await desk.events(mine))[-1]["data"]
    assert len({event["correlation_id"] for event in await desk.events(theirs)}) == 1
    assert told == {
        "failure_reason": None,
        "cancelled_by": str(desk.shop.ada.user.id),
        "reason": "Changed my mind",
    }


async def test_a_step_out_of_turn_is_refused(desk: OrderDesk) -> None:
    placed, confirmed = await desk.has_placed(), await desk.has_confirmed()
    for step in ("ship", "deliver"):
        assert code(await desk.step(placed, step)) == (422, "invalid_state_transition")
    await desk.step(confirmed, "ship")

    for step in ("ship", "cancel"):
        assert code(await desk.step(confirmed, step)) == (422, "invalid_state_transition")
    await desk.step(placed, "cancel")
    assert code(await desk.step(placed, "cancel")) == (422, "invalid_state_transition")


async def test_a_step_is_taken_once_under_one_key(desk: OrderDesk) -> None:
    order = await desk.has_placed()

    first = await desk.step(order, "cancel", key="k", reason="no")
    again = await desk.step(order, "cancel", key="k", reason="no")

    assert again.content == first.content
    assert len(await desk.events(order)) == 2


async def test_a_step_whose_answer_was_lost_is_known_when_it_is_asked_for_again(desk: OrderDesk) -> None:
    order = await desk.has_placed()
    admin = await desk.shop.member(Role.ADMIN)
    cancel, operation_id = desk.shop.application.orders.cancel_order, uuid4()
    principal = await desk.shop.application.identity.authenticate(admin.token)

    done = [
        await cancel(principal, OrderId(UUID(order["id"])), StepRequest(), operation_id=operation_id)
        for _ in range(2)
    ]

    assert [it.version for it in done] == [2, 2]


@pytest.mark.parametrize("step", ["cancel", "ship", "deliver"])
async def test_what_is_said_about_a_step_has_its_limits(desk: OrderDesk, step: str) -> None:
    order = await desk.has_placed()

    too_long = await desk.step(order, step, reason="x" * 501)
    misshapen = await desk.step(order, step, reason=7, why="?")

    assert [(it["field"], it["code"]) for it in too_long.json()["error"]["field_errors"]] == [
        ("reason", "too_long")
    ]
    assert [it["field"] for it in misshapen.json()["error"]["field_errors"]] == ["reason", "why"]
    assert (await desk.step({"id": str(uuid4())}, step)).status_code == 404
    assert (await desk.staff.get(f"{ORDERS}/{order['id']}/{step}")).status_code == 405
