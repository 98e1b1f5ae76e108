"""Roles: who gives them, and from when on they count."""

from typing import Any

import pytest

from builders.members import V1
from builders.shop import PAYMENTS, Shop
from quayside.core.identity import Role

USERS = f"{V1}/users"


async def test_a_role_counts_from_the_next_call_on_and_so_does_its_loss(shop: Shop) -> None:
    admin, member = await shop.member(Role.ADMIN), await shop.member()
    client, roles = shop.visitor(member.access_token), f"{member.path}/roles"
    assert (await client.get(USERS)).status_code == 403

    given = await admin.client.put(roles, json={"roles": ["Admin"]})
    assert (await client.get(USERS)).status_code == 200
    taken = await admin.client.put(roles, json={"roles": []})

    assert given.json()["roles"] == ["User", "Admin"]
    assert taken.json()["roles"] == ["User"]
    assert (await client.get(USERS)).status_code == 403
    assert (await member.client.get(USERS)).status_code == 403


@pytest.mark.parametrize(
    ("roles", "field"),
    [
        (["Owner"], "roles.0"),
        (["Staff", "admin"], "roles.1"),
        ([7], "roles.0"),
        ("Admin", "roles"),
        (None, "roles"),
    ],
)
async def test_what_is_no_role_is_refused(shop: Shop, roles: object, field: str) -> None:
    admin = await shop.member(Role.ADMIN)

    response = await admin.client.put(f"{shop.ada.path}/roles", json={"roles": roles})

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["error"]["field_errors"]] == [field]


async def test_the_last_admin_can_be_neither_demoted_nor_deleted(shop: Shop) -> None:
    admin = await shop.member(Role.ADMIN)

    demoted = await admin.client.put(f"{admin.path}/roles", json={"roles": ["Staff"]})
    deleted = await admin.client.delete(admin.path)

    assert [demoted.status_code, deleted.status_code] == [422, 422]
    assert demoted.json()["error"]["code"] == "last_admin"
    assert (await admin.client.get(USERS)).status_code == 200


async def test_nobody_gives_themselves_a_role(shop: Shop) -> None:
    for body in ({"roles": ["Admin"]}, {"email": "ada@example.com", "roles": ["Admin"]}):
        await shop.client.put(f"{shop.ada.path}/roles", json=body)
        response = await shop.client.patch(shop.ada.path, json=body)
        assert response.status_code == 400

    assert (await shop.client.get(shop.ada.path)).json()["roles"] == ["User"]


async def ids(shop: Shop, role: Role | None, **query: Any) -> list[str]:
    member = await shop.member(*([role] if role else []))
    response = await member.client.get(PAYMENTS, params=query)
    return [payment["id"] for payment in response.json()["data"]]


async def test_payments_are_their_makers_and_staffs_to_see(shop: Shop) -> None:
    payment = await shop.has_taken()
    path = f"{PAYMENTS}/{payment['id']}"
    stranger, staff = await shop.member(), await shop.member(Role.STAFF)

    hidden = await stranger.client.get(path)
    missing = await stranger.client.get(f"{PAYMENTS}/01900000-0000-7000-8000-000000000404")

    assert hidden.status_code == missing.status_code == 404
    for answer in (hidden, missing):
        assert set(answer.json()["error"]) == {"code", "message", "payment_id"}
    assert (await staff.client.get(path)).json() == payment
    assert (await stranger.client.get(PAYMENTS)).json()["total_count"] == 0
    assert await ids(shop, None, customer_id=payment["customer_id"]) == []
    assert await ids(shop, Role.STAFF) == [payment["id"]]


async def test_accounts_are_listed_newest_first_a_page_at_a_time(shop: Shop) -> None:
    member, admin = await shop.member(), await shop.member(Role.ADMIN)

    first = await admin.client.get(USERS, params={"page_size": 2})
    last = await admin.client.get(USERS, params={"page_size": 2, "page": 2})
    wrong = await admin.client.get(USERS, params={"page": 0, "page_size": "many"})

    assert [user["id"] for user in first.json()["data"]] == [str(admin.user.id), str(member.user.id)]
    assert [user["username"] for user in last.json()["data"]] == ["ada"]
    assert (first.json()["total_count"], first.json()["has_next_page"]) == (3, True)
    assert "argon2" not in first.text
    assert wrong.status_code == 400
