"""Sessions: what each is worth, until when, and to whom."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from httpx import Response

from builders.members import ELSEWHERE, HOME, PASSWORD, V1
from builders.shop import Shop
from quayside.core.identity import Role
from quayside.core.kernel import Secret

LOGIN = f"{V1}/auth/login"
LOGOUT = f"{V1}/auth/logout"
ME = f"{V1}/auth/me"
SESSIONS = f"{V1}/auth/sessions"

NEW_PASSWORD = "Difference Engine 1849"


def code(response: Response) -> str:
    assert response.status_code == 401
    value: str = response.json()["error"]["code"]
    return value


async def log_in_again(shop: Shop) -> str:
    response = await shop.visitor(address=ELSEWHERE).post(
        LOGIN, json=shop.ada.credentials, headers={"user-agent": "a phone"}
    )
    token: str = response.json()["token"]
    return token


async def test_every_login_begins_a_new_session_whatever_token_was_sent_along(shop: Shop) -> None:
    planted = "A" * 43
    known = shop.ada.token
    sent_along = [
        {"cookie": f"session-token={planted}"},
        {"authorization": f"Bearer {planted}"},
        {"cookie": f"session-token={known}"},
        {"authorization": f"Bearer {known}"},
    ]
    browser = shop.visitor()

    answers = [await browser.post(LOGIN, json=shop.ada.credentials, headers=each) for each in sent_along]

    tokens = [answer.json()["token"] for answer in answers]
    assert len({planted, known, *tokens}) == 2 + len(sent_along)
    for answer, token in zip(answers, tokens, strict=True):
        assert answer.headers["set-cookie"].startswith(f"session-token={token};")
    for headers in sent_along[:2]:
        assert (await browser.get(ME, headers=headers)).status_code == 401
    assert len((await shop.client.get(SESSIONS)).json()["data"]) == 1 + len(sent_along)


async def test_after_a_logout_neither_its_token_nor_its_access_token_is_worth_anything(shop: Shop) -> None:
    for token in (shop.ada.token, shop.ada.access_token):
        assert (await shop.visitor(token).get(ME)).status_code == 200  # so that both are in the cache

    assert (await shop.client.post(LOGOUT)).status_code == 204

    for token in (shop.ada.token, shop.ada.access_token):
        assert code(await shop.visitor(token).get(ME)) == "session_expired"
    assert code(await shop.client.post(f"{V1}/auth/token")) == "session_expired"


async def test_an_access_token_logs_its_session_out(shop: Shop) -> None:
    await shop.visitor(shop.ada.access_token).post(LOGOUT)

    assert code(await shop.client.get(ME)) == "session_expired"


async def test_other_sessions_survive_a_logout(shop: Shop) -> None:
    other = await log_in_again(shop)

    await shop.client.post(LOGOUT)

    assert (await shop.visitor(other).get(ME)).status_code == 200


async def test_the_caller_sees_where_else_it_is_logged_in(shop: Shop) -> None:
    shop.clock.advance(timedelta(minutes=5))
    other = await log_in_again(shop)

    response = await shop.visitor(other).get(SESSIONS)

    newest, oldest = response.json()["data"]
    assert newest == {
        "id": newest["id"],
        "created_at": "2026-11-20T12:05:00Z",
        "last_activity_at": "2026-11-20T12:05:00Z",
        "ip_address": ELSEWHERE,
        "user_agent": "a phone",
        "current": True,
    }
    assert (oldest["id"], oldest["ip_address"]) == (str(shop.ada.login.session.id), HOME)
    assert oldest["current"] is False
    assert other not in response.text


async def test_a_session_that_was_ended_fails_at_its_next_call(shop: Shop) -> None:
    other = await log_in_again(shop)
    assert (await shop.visitor(other).get(ME)).status_code == 200
    newest = (await shop.client.get(SESSIONS)).json()["data"][0]

    ended = await shop.client.delete(f"{SESSIONS}/{newest['id']}")
    again = await shop.client.delete(f"{SESSIONS}/{newest['id']}")

    assert (ended.status_code, again.status_code) == (204, 404)
    assert code(await shop.visitor(other).get(ME)) == "session_expired"
    assert (await shop.client.get(ME)).status_code == 200


async def test_all_others_are_ended_at_once_and_the_callers_own_goes_on(shop: Shop) -> None:
    others = [await log_in_again(shop) for _ in range(2)]
    stranger = await shop.member()

    assert (await shop.client.delete(SESSIONS)).status_code == 204

    for token in others:
        assert code(await shop.visitor(token).get(ME)) == "session_expired"
    assert (await shop.client.get(ME)).status_code == 200
    assert (await stranger.client.get(ME)).status_code == 200


async def test_nobody_sees_or_ends_anothers_session(shop: Shop) -> None:
    stranger = await shop.member()

    response = await stranger.client.delete(f"{SESSIONS}/{shop.ada.login.session.id}")

    assert response.status_code == 404
    assert str(shop.ada.login.session.id) not in (await stranger.client.get(SESSIONS)).text
    assert (await shop.client.get(ME)).status_code == 200


@pytest.mark.parametrize("session_id", ["7", "not-an-id", "%00"])
async def test_an_id_that_is_none_is_not_found(shop: Shop, session_id: str) -> None:
    assert (await shop.client.delete(f"{SESSIONS}/{session_id}")).status_code == 404


async def test_a_session_ends_by_itself_after_a_day_without_a_call(shop: Shop) -> None:
    shop.clock.advance(timedelta(hours=23))
    assert (await shop.client.get(ME)).status_code == 200
    shop.clock.advance(timedelta(hours=23))
    assert (await shop.client.get(ME)).status_code == 200
    shop.clock.advance(timedelta(hours=24))

    assert code(await shop.client.get(ME)) == "session_expired"
    assert code(await shop.client.get(ME)) == "session_expired"


async def test_a_session_ends_after_a_week_whatever_happens(shop: Shop) -> None:
    for _ in range(7 * 2 - 1):
        shop.clock.advance(timedelta(hours=12))
        assert (await shop.client.get(ME)).status_code == 200
    shop.clock.advance(timedelta(hours=12))

    assert code(await shop.client.get(ME)) == "session_expired"


async def log_out(shop: Shop) -> None:
    await shop.client.post(LOGOUT)


async def end_it_from_another(shop: Shop) -> None:
    await shop.visitor(await log_in_again(shop)).delete(f"{SESSIONS}/{shop.ada.login.session.id}")


async def end_all_others_of_another(shop: Shop) -> None:
    await shop.visitor(await log_in_again(shop)).delete(SESSIONS)


async def change_the_password_in_another(shop: Shop) -> None:
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    await shop.visitor(await log_in_again(shop)).post(f"{shop.ada.path}/password", json=change)


async def replace_the_password(shop: Shop) -> None:
    await shop.application.identity.replace_password(shop.ada.user.id, Secret(NEW_PASSWORD))


async def end_all_as_an_operator(shop: Shop) -> None:
    await shop.application.identity.end_sessions(shop.ada.user.id)


async def delete_the_account(shop: Shop) -> None:
    await shop.client.delete(shop.ada.path)


async def delete_the_account_as_an_admin(shop: Shop) -> None:
    await (await shop.member(Role.ADMIN)).client.delete(shop.ada.path)


async def wait_a_day(shop: Shop) -> None:
    shop.clock.advance(timedelta(days=1))


@pytest.mark.parametrize(
    "end",
    [
        log_out,
        end_it_from_another,
        end_all_others_of_another,
        change_the_password_in_another,
        replace_the_password,
        end_all_as_an_operator,
        delete_the_account,
        delete_the_account_as_an_admin,
        wait_a_day,
    ],
)
async def test_a_token_that_was_good_once_is_told_so_for_months_however_it_ended(
    shop: Shop, end: Callable[[Shop], Awaitable[None]]
) -> None:
    await end(shop)

    for wait in (timedelta(), timedelta(days=90)):
        shop.clock.advance(wait)
        await shop.application.identity.discard_expired()
        for token in (shop.ada.token, shop.ada.access_token):
            assert code(await shop.visitor(token).get(ME)) == "session_expired"
        assert code(await shop.client.post(f"{V1}/auth/token")) == "session_expired"


async def test_an_access_token_runs_out_long_before_its_session(shop: Shop) -> None:
    shop.clock.advance(timedelta(minutes=16))

    assert code(await shop.visitor(shop.ada.access_token).get(ME)) == "session_expired"
    assert (await shop.client.get(ME)).status_code == 200
