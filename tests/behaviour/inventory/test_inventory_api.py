"""What lies in warehouses, over HTTP."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from builders.members import V1
from builders.shop import Shop
from builders.stock import AN_ORDER, a_reservation_id, lines
from quayside.core.identity import Role

INVENTORY = f"{V1}/inventory"


@pytest.fixture
async def staff(shop: Shop) -> AsyncClient:
    """Who may say what is there."""
    return (await shop.member(Role.STAFF)).client


async def put(
    client: AsyncClient, on_hand: object, place: str = "london/ENGINE-2", **headers: str
) -> Response:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.put(f"{INVENTORY}/{place}", json={"on_hand": on_hand}, headers=headers)


def a_warehouse(name: str, on_hand: int, reserved: int = 0) -> dict[str, Any]:
    return {
        "warehouse": name,
        "on_hand": on_hand,
        "reserved": reserved,
        "available": on_hand - reserved,
    }


async def test_what_is_said_to_be_there_is_shown_with_what_is_reserved_by_warehouse(
    shop: Shop, staff: AsyncClient
) -> None:
    await put(staff, 7, "york/ENGINE-2")
    answer = await put(staff, 5)
    await shop.application.inventory.reserve_stock(
        a_reservation_id(), AN_ORDER, "london", lines(**{"ENGINE-2": 2})
    )

    shown = await staff.get(f"{INVENTORY}/ENGINE-2")

    assert (answer.status_code, shown.status_code) == (200, 200)
    assert answer.json() == {
        "sku": "ENGINE-2",
        "warehouses": [a_warehouse("london", 5), a_warehouse("york", 7)],
    }
    assert shown.json() == {
        "sku": "ENGINE-2",
        "warehouses": [a_warehouse("london", 5, 2), a_warehouse("york", 7)],
    }


async def test_a_sku_that_no_warehouse_has_had_is_not_found(staff: AsyncClient) -> None:
    for sku in ("ENGINE-3", "engine-2", "a b", "A" * 65):
        await put(staff, 5)
        answer = await staff.get(f"{INVENTORY}/{sku}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "place", ["lon don/A", "london/A~", f"london/{'A' * 65}", f"{'l' * 65}/A", "london/Ä"]
)
async def test_what_can_be_no_name_is_no_place_to_put_anything(staff: AsyncClient, place: str) -> None:
    answer = await put(staff, 5, place)

    assert answer.status_code == 404
    assert "1-64 letters" in answer.json()["error"]["message"]


@pytest.mark.parametrize("on_hand", [-1, 1_000_000_001, "5", 5.5, True, None])
async def test_what_is_no_count_is_refused_by_its_field(staff: AsyncClient, on_hand: object) -> None:
    answer = await put(staff, on_hand)

    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["error"]["field_errors"]] == ["on_hand"]


async def test_less_than_is_reserved_is_refused_and_names_the_sku(shop: Shop, staff: AsyncClient) -> None:
    await put(staff, 5)
    reserved = await shop.application.inventory.reserve_stock(
        a_reservation_id(), AN_ORDER, "london", lines(**{"ENGINE-2": 3})
    )

    refused = await put(staff, 2)
    await shop.application.inventory.commit_reservation(reserved.id)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "insufficient_stock")
    assert "ENGINE-2" in refused.json()["error"]["message"]
    assert (await staff.get(f"{INVENTORY}/ENGINE-2")).json()["warehouses"] == [a_warehouse("london", 2)]
    assert (await put(staff, 0)).status_code == 200


async def test_who_has_not_seen_the_last_change_does_not_overwrite_it(shop: Shop, staff: AsyncClient) -> None:
    first = (await put(staff, 5)).headers["etag"]
    held = await shop.application.inventory.reserve_stock(
        a_reservation_id(), AN_ORDER, "london", lines(**{"ENGINE-2": 3})
    )
    shown = await staff.get(f"{INVENTORY}/ENGINE-2")

    stale = await put(staff, 6, if_match=first)
    await shop.application.inventory.release_reservation(held.id)
    stale_still = await put(staff, 6, if_match=shown.headers["etag"])
    now = (await staff.get(f"{INVENTORY}/ENGINE-2")).headers["etag"]
    fresh = await put(staff, 6, if_match=now)
    same = await put(staff, 6)

    assert [each.status_code for each in (stale, stale_still, fresh)] == [412, 412, 200]
    assert len({first, shown.headers["etag"], now, fresh.headers["etag"]}) == 4
    assert same.headers["etag"] == fresh.headers["etag"]  # nothing has changed
    unchanged = await staff.get(f"{INVENTORY}/ENGINE-2", headers={"if-none-match": same.headers["etag"]})
    assert unchanged.status_code == 304


async def test_who_changes_only_what_there_is_makes_no_stock(staff: AsyncClient) -> None:
    refused = await put(staff, 5, if_match="*")

    assert (refused.status_code, refused.json()["error"]["code"]) == (412, "precondition_failed")
    assert (await staff.get(f"{INVENTORY}/ENGINE-2")).status_code == 404
    assert (await put(staff, 5)).status_code == 200
    assert (await put(staff, 6, if_match="*")).status_code == 200


async def test_customers_are_not_shown_what_is_in_stock(shop: Shop) -> None:
    for answer in (await put(shop.client, 5), await shop.client.get(f"{INVENTORY}/ENGINE-2")):
        assert answer.status_code == 403
