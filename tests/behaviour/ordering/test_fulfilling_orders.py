"""What becomes of an order without anybody asking: over HTTP, with a worker beside it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from builders.members import V1
from builders.order_desk import OrderDesk
from builders.payments import (
    ANSWER_LOST,
    APPROVED,
    CAPTURE_DECLINED,
    DECLINED,
    SLOW,
    UNREACHABLE,
)
from builders.shop import PAYMENTS, a_card_body
from quayside.core.fulfilment import Phase
from quayside.entrypoints.composition import worker_of
from quayside.entrypoints.worker import at_work


def by(card: str) -> dict[str, Any]:
    return {"paying_card_details": a_card_body(card)}


async def fulfilled(desk: OrderDesk, order: dict[str, Any], *ends: Phase) -> dict[str, Any]:
    """The order once all is done for it, or undone; time passes as it does."""
    ends = ends or (Phase.COMPLETED, Phase.CANCELLED)
    runner = desk.shop.application.fulfilment.runner
    async with at_work(worker_of(desk.shop.application)), asyncio.timeout(10):
        while (await runner.load(UUID(order["id"]))).phase not in ends:
            await asyncio.sleep(0.005)
            desk.shop.clock.advance(timedelta(milliseconds=5))
    return await desk.shown(order)


async def payment_of(desk: OrderDesk, order: dict[str, Any]) -> dict[str, Any]:
    payment: dict[str, Any] = (await desk.ada.get(f"{PAYMENTS}/{order['payment_id']}")).json()
    return payment


async def reserved(desk: OrderDesk) -> int:
    stock = (await desk.staff.get(f"{V1}/inventory/TEAPOT")).json()
    return sum(warehouse["reserved"] for warehouse in stock["warehouses"])


@pytest.mark.parametrize("card", [APPROVED, ANSWER_LOST, SLOW])
async def test_an_order_is_paid_once_and_its_items_kept(desk: OrderDesk, card: str) -> None:
    placed = await desk.has_placed(payment=by(card))

    order = await fulfilled(desk, placed)

    payment = await payment_of(desk, order)
    assert (order["status"], order["failure_reason"]) == ("Confirmed", None)
    assert (payment["status"], payment["captured_amount"]) == ("Completed", order["total"])
    assert await reserved(desk) == 2


async def test_an_order_s_history_is_of_one_correlation_and_each_event_has_its_cause_in_the_log(
    desk: OrderDesk,
) -> None:
    order = await fulfilled(desk, await desk.has_placed())

    events = await desk.events(order)
    known = {str(each.envelope.id) for each in await desk.shop.application.storage.events.read_all()}
    assert [event["type"] for event in events] == [
        "OrderPlaced",
        "OrderPaymentStarted",
        "OrderStockReserved",
        "OrderConfirmed",
    ]
    assert len({event["correlation_id"] for event in events}) == 1
    assert {event["causation_id"] for event in events[1:]} <= known
    assert events[0]["causation_id"] is None


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (DECLINED, "payment_declined"),
        (UNREACHABLE, "payment_unavailable"),
        (CAPTURE_DECLINED, "capture_declined"),
    ],
)
async def test_an_order_that_cannot_be_paid_is_cancelled_and_says_why(
    desk: OrderDesk, card: str, reason: str
) -> None:
    order = await fulfilled(desk, await desk.has_placed(payment=by(card)))

    assert (order["status"], order["failure_reason"]) == ("Cancelled", reason)
    assert (await payment_of(desk, order))["captured_amount"] == "0.00"
    assert await reserved(desk) == 0


async def test_an_order_of_more_than_there_is_is_cancelled_and_nothing_is_charged(desk: OrderDesk) -> None:
    placed = await desk.has_placed(items=[{"sku": "TEAPOT", "quantity": 101}])

    order = await fulfilled(desk, placed)

    assert (order["status"], order["failure_reason"]) == ("Cancelled", "insufficient_stock")
    assert (await payment_of(desk, order))["status"] == "Cancelled"
    assert await reserved(desk) == 0


async def test_a_confirmed_order_that_is_cancelled_is_refunded_and_one_that_is_shipped_stays(
    desk: OrderDesk,
) -> None:
    cancelled, shipped = await desk.has_placed(), await desk.has_placed()
    for order in (cancelled, shipped):
        await fulfilled(desk, order)

    assert (await desk.step(shipped, "ship")).status_code == 200
    assert (await desk.step(cancelled, "cancel")).status_code == 200
    order = await fulfilled(desk, cancelled, Phase.CANCELLED)

    payment = await payment_of(desk, order)
    assert (order["status"], order["failure_reason"]) == ("Cancelled", None)
    assert payment["refunded_amount"] == payment["captured_amount"] == order["total"]
    assert (await desk.shown(shipped))["status"] == "Shipped"
    assert await reserved(desk) == 0
