"""Accounts: what of them can be changed, by whom, and what that ends."""

from typing import Any

import pytest
from httpx import Response

from builders.members import ELSEWHERE, HOME, PASSWORD, V1
from builders.shop import Shop
from quayside.core.identity import Role

LOGIN = f"{V1}/auth/login"
ME = f"{V1}/auth/me"
NEW_PASSWORD = "Difference Engine 1849"


def field_errors(response: Response, status: int = 400) -> list[tuple[str, str]]:
    assert response.status_code == status, response.text
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


def a_change(**changes: Any) -> dict[str, Any]:
    return {"email": "countess@example.com", "current_password": PASSWORD} | changes


async def test_an_address_is_changed_and_has_to_be_verified_anew(shop: Shop) -> None:
    response = await shop.client.patch(shop.ada.path, json=a_change())

    assert response.status_code == 200
    assert response.json()["email"] == "countess@example.com"
    assert response.json()["email_verified"] is False
    assert response.json() == (await shop.client.get(shop.ada.path)).json()


async def test_a_stolen_session_alone_changes_neither_address_nor_password(shop: Shop) -> None:
    without = await shop.client.patch(shop.ada.path, json={"email": "thief@example.com"})
    wrong = await shop.client.patch(shop.ada.path, json=a_change(current_password="wrong"))
    password = await shop.client.post(
        f"{shop.ada.path}/password", json={"current_password": "wrong", "new_password": NEW_PASSWORD}
    )

    assert field_errors(without) == [("current_password", "required")]
    assert [wrong.status_code, password.status_code] == [401, 401]
    assert wrong.json()["error"]["code"] == password.json()["error"]["code"] == "invalid_credentials"
    assert (await shop.client.get(ME)).json()["email"] == "ada@example.com"


async def test_a_wrong_current_password_counts_as_a_failure_to_log_in(shop: Shop) -> None:
    thief = shop.visitor(shop.ada.token, address=ELSEWHERE)
    for _ in range(5):
        await thief.patch(shop.ada.path, json=a_change(current_password="wrong"))
        await thief.post(
            f"{shop.ada.path}/password", json={"current_password": "wrong", "new_password": NEW_PASSWORD}
        )

    refused = await shop.visitor(address=ELSEWHERE).post(LOGIN, json=shop.ada.credentials)
    changed = await thief.patch(shop.ada.path, json=a_change())

    assert [refused.status_code, changed.status_code] == [429, 429]
    assert (await shop.visitor(address=HOME).post(LOGIN, json=shop.ada.credentials)).status_code == 200


async def test_an_admin_changes_anothers_address_without_a_password_but_not_their_own(shop: Shop) -> None:
    admin = await shop.member(Role.ADMIN)

    others = await admin.client.patch(shop.ada.path, json={"email": "countess@example.com"})
    own = await admin.client.patch(admin.path, json={"email": "root@example.com"})

    assert others.json()["email"] == "countess@example.com"
    assert field_errors(own) == [("current_password", "required")]


async def test_an_address_that_is_or_was_anothers_is_a_conflict(shop: Shop) -> None:
    stranger = await shop.member()
    await stranger.client.patch(stranger.path, json=a_change(email="moved@example.com"))

    for email in (stranger.user.email.upper(), "Moved@example.com"):
        response = await shop.client.patch(shop.ada.path, json=a_change(email=email))
        assert field_errors(response, 409) == [("email", "taken")]


async def test_ones_own_former_address_can_be_taken_back(shop: Shop) -> None:
    await shop.client.patch(shop.ada.path, json=a_change())

    response = await shop.client.patch(shop.ada.path, json=a_change(email="Ada@example.com"))

    assert response.json()["email"] == "Ada@example.com"


@pytest.mark.parametrize(
    "extra",
    [{"roles": ["Admin"]}, {"username": "root"}, {"email_verified": True}, {"password": "x"}, {"version": 1}],
)
async def test_nothing_else_of_an_account_can_be_changed(shop: Shop, extra: dict[str, Any]) -> None:
    before = (await shop.client.get(ME)).json()

    response = await shop.client.patch(shop.ada.path, json=a_change(**extra))

    assert field_errors(response) == [(next(iter(extra)), "unknown_field")]
    assert (await shop.client.get(ME)).json() == before


async def test_anothers_account_is_as_good_as_none(shop: Shop) -> None:
    stranger = await shop.member()
    nobody = f"{V1}/users/01900000-0000-7000-8000-000000000404"
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    for path in (shop.ada.path, nobody):
        answers = [
            await stranger.client.get(path),
            await stranger.client.patch(path, json=a_change()),
            await stranger.client.post(f"{path}/password", json=body),
            await stranger.client.delete(path),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4

    assert (await shop.client.get(ME)).json()["email"] == "ada@example.com"


@pytest.mark.parametrize("user_id", ["me", "7", "%2e%2e"])
async def test_an_id_that_is_none_is_not_found(shop: Shop, user_id: str) -> None:
    assert (await shop.client.get(f"{V1}/users/{user_id}")).status_code == 404


async def test_a_new_password_ends_all_other_sessions(shop: Shop) -> None:
    other = (await shop.visitor().post(LOGIN, json=shop.ada.credentials)).json()["token"]
    assert (await shop.visitor(other).get(ME)).status_code == 200

    response = await shop.client.post(
        f"{shop.ada.path}/password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    )

    assert response.status_code == 204
    assert (await shop.client.get(ME)).status_code == 200
    assert (await shop.visitor(other).get(ME)).status_code == 401
    statuses = [
        (await shop.visitor().post(LOGIN, json={"username": "ada", "password": password})).status_code
        for password in (PASSWORD, NEW_PASSWORD)
    ]
    assert statuses == [401, 200]


async def test_a_new_password_keeps_the_rules(shop: Shop) -> None:
    response = await shop.client.post(
        f"{shop.ada.path}/password", json={"current_password": PASSWORD, "new_password": "\u00e4\u00f6\u00fc"}
    )

    assert field_errors(response) == [
        ("new_password", "too_short"),
        ("new_password", "no_upper"),
        ("new_password", "no_digit"),
    ]


async def test_whose_account_is_gone_logs_in_no_more(shop: Shop) -> None:
    assert (await shop.client.delete(shop.ada.path)).status_code == 204

    assert (await shop.visitor().post(LOGIN, json=shop.ada.credentials)).status_code == 401


async def test_an_account_that_is_gone_is_found_by_nobody_and_its_history_keeps_its_id(shop: Shop) -> None:
    payment = await shop.has_taken()
    admin = await shop.member(Role.ADMIN)

    await admin.client.delete(shop.ada.path)

    assert (await admin.client.get(shop.ada.path)).status_code == 404
    assert (await admin.client.delete(shop.ada.path)).status_code == 404
    kept = await admin.client.get(f"{V1}/payments/{payment['id']}")
    assert kept.json()["created_by"] == str(shop.ada.user.id)


async def test_whatever_tells_of_an_account_is_not_to_be_kept(shop: Shop) -> None:
    admin = await shop.member(Role.ADMIN)
    answers = [
        await shop.client.get(ME),
        await shop.client.get(f"{V1}/auth/sessions"),
        await admin.client.get(f"{V1}/users"),
        await shop.client.patch(shop.ada.path, json=a_change()),
        await shop.client.post(f"{V1}/auth/token"),
        await shop.visitor().get(ME),
        await shop.client.get(f"{V1}/users"),
    ]

    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
