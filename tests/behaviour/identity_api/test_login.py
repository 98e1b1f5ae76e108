"""Logging in: what is answered to whom, and how often one may try."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from builders.members import ELSEWHERE, HOME, PASSWORD, V1
from builders.shop import Shop, open_shop, settings_of_a_shop
from quayside.core.identity import LoginRefused

LOGIN = f"{V1}/auth/login"
ME = f"{V1}/auth/me"
WRONG = "Not The Password 1"

# Between two answers these differ in any case.
VARYING = {"x-request-id", "traceparent", "ratelimit-remaining"}


async def try_to_log_in(
    shop: Shop, username: str, password: str = WRONG, address: str = ELSEWHERE
) -> Response:
    return await shop.visitor(address=address).post(LOGIN, json={"username": username, "password": password})


def essence(response: Response) -> tuple[int, Any, dict[str, str]]:
    """All that an attacker can compare."""
    headers = {name: value for name, value in response.headers.items() if name not in VARYING}
    return response.status_code, response.json()["error"], headers


async def test_a_login_gives_a_session_an_access_token_and_the_account(shop: Shop) -> None:
    response = await shop.visitor().post(LOGIN, json=shop.ada.credentials)

    login = response.json()
    assert response.status_code == 200
    assert set(login) == {
        "token",
        "expires_at",
        "access_token",
        "access_token_expires_at",
        "token_type",
        "user",
    }
    assert login["expires_at"] == "2026-11-27T12:00:00Z"
    assert login["access_token_expires_at"] == "2026-11-20T12:15:00Z"
    assert login["token_type"] == "Bearer"
    assert login["user"] == (await shop.client.get(ME)).json()
    assert response.headers["cache-control"] == "no-store"


async def test_an_unknown_user_looks_like_a_wrong_password(shop: Shop) -> None:
    wrong = await try_to_log_in(shop, "ada")
    unknown = await try_to_log_in(shop, "nobody_at_all")
    unknown_email = await try_to_log_in(shop, "nobody@example.com")

    assert essence(wrong) == essence(unknown) == essence(unknown_email)
    assert wrong.status_code == 401
    assert wrong.json()["error"]["code"] == "invalid_credentials"


async def test_an_unknown_user_is_throttled_like_a_known_one(shop: Shop) -> None:
    known = [await try_to_log_in(shop, "ada") for _ in range(12)]
    unknown = [await try_to_log_in(shop, "nobody_at_all") for _ in range(12)]

    assert [essence(each) for each in known] == [essence(each) for each in unknown]
    assert [each.status_code for each in known] == [401] * 10 + [429] * 2


async def test_too_many_failures_lock_out_the_right_password_too_and_end_no_session(shop: Shop) -> None:
    for _ in range(10):
        await try_to_log_in(shop, "ada")

    response = await try_to_log_in(shop, "ada", PASSWORD)

    assert response.status_code == 429
    assert response.json()["error"]["code"] == "rate_limit_exceeded"
    assert response.headers["retry-after"] == response.headers["ratelimit-reset"] == str(15 * 60)
    assert (response.headers["ratelimit-limit"], response.headers["ratelimit-remaining"]) == ("10", "0")
    assert (await shop.client.get(ME)).status_code == 200


async def test_after_the_wait_the_right_password_is_right_again(shop: Shop) -> None:
    for _ in range(11):
        await try_to_log_in(shop, "ada")
    shop.clock.advance(timedelta(minutes=15))

    assert (await try_to_log_in(shop, "ada", PASSWORD)).status_code == 200


async def test_an_attacker_elsewhere_does_not_lock_the_owner_out(shop: Shop) -> None:
    for _ in range(30):
        await try_to_log_in(shop, "ada")

    assert (await try_to_log_in(shop, "ada", PASSWORD, address=HOME)).status_code == 200


async def test_one_address_that_tries_many_accounts_is_stopped(shop: Shop) -> None:
    statuses = [(await try_to_log_in(shop, f"user_{number}")).status_code for number in range(101)]

    assert statuses == [401] * 100 + [429]
    assert (await try_to_log_in(shop, "ada", PASSWORD)).status_code == 429
    assert (await try_to_log_in(shop, "ada", PASSWORD, address=HOME)).status_code == 200


async def test_the_limits_of_an_address_are_multiplied_and_those_of_an_account_are_not() -> None:
    async with open_shop(settings_of_a_shop(rate_limit_factor=1000)) as shop:
        statuses = [(await try_to_log_in(shop, "ada")).status_code for _ in range(11)]
        await shop.visitor().post(LOGIN, json=shop.ada.credentials)
        strangers = [(await try_to_log_in(shop, f"user_{number}")).status_code for number in range(101)]

    assert statuses == [401] * 10 + [429]
    assert set(strangers) == {401}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("username", "required"), ("password", "required")]),
        ({"username": "ada", "password": 7}, [("password", "wrong_type")]),
        ({"username": "ada", "password": "x", "remember": True}, [("remember", "unknown_field")]),
        ({"username": "a\x00da", "password": "\x00"}, None),
    ],
)
async def test_what_is_no_login_is_refused_before_anybody_is_looked_up(
    shop: Shop, body: dict[str, Any], errors: list[tuple[str, str]] | None
) -> None:
    response = await shop.visitor().post(LOGIN, json=body)

    assert response.status_code == 400
    found = [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]
    assert errors is None or found == errors
    assert "LoginRefused" not in await shop.story()


async def test_refusals_are_in_the_audit_trail_with_no_word_of_what_was_sent(shop: Shop) -> None:
    await try_to_log_in(shop, "ada", "sesame")
    await try_to_log_in(shop, "sesame", "sesame")

    recorded = await shop.application.storage.events.read_all()
    refusals = [each.event for each in recorded if isinstance(each.event, LoginRefused)]
    assert [each.user_id for each in refusals] == [shop.ada.user.id, None]
    assert "sesame" not in repr(recorded)
