"""What is mailed: links that verify an address or reset a password, each good once, and for a while."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from builders.members import PASSWORD, V1
from builders.shop import PUBLIC_URL, Shop

VERIFICATION = f"{V1}/auth/email-verification"
RESET = f"{V1}/auth/password-reset"
LOGIN = f"{V1}/auth/login"
ME = f"{V1}/auth/me"
NEW_PASSWORD = "Difference Engine 1849"

LINK = re.compile(r"(?P<page>\S+)\?token=(?P<token>[\w-]{43})")


async def mailed_link(shop: Shop) -> tuple[str, str]:
    """The page and the token of the latest mail, once everything begun is done."""
    await shop.application.background.finish()
    link = LINK.search(shop.mailer.sent[-1].text)
    assert link
    return link["page"], link["token"]


async def ask_for_reset(shop: Shop, email: str = "ada@example.com", **headers: str) -> Response:
    response = await shop.visitor().post(RESET, json={"email": email}, headers=headers)
    await shop.application.background.finish()
    return response


async def reset(shop: Shop, token: str, password: str = NEW_PASSWORD) -> Response:
    return await shop.visitor().post(f"{RESET}/confirm", json={"token": token, "new_password": password})


def field_errors(response: Response) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.text
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


async def can_log_in(shop: Shop, password: str) -> bool:
    response = await shop.visitor().post(LOGIN, json={"username": "ada", "password": password})
    return response.status_code == 200


async def test_an_address_is_verified_by_what_was_mailed_to_it(shop: Shop) -> None:
    asked = await shop.client.post(VERIFICATION)
    page, token = await mailed_link(shop)

    confirmed = await shop.visitor().post(f"{VERIFICATION}/confirm", json={"token": token})

    assert (asked.status_code, asked.content) == (202, b"")
    assert "content-type" not in asked.headers
    assert (confirmed.status_code, confirmed.content) == (204, b"")
    assert page == f"{PUBLIC_URL}/verify-email"
    assert shop.mailer.sent[-1].to == "ada@example.com"
    assert (await shop.client.get(ME)).json()["email_verified"] is True


async def test_a_verification_works_once_and_for_a_day(shop: Shop) -> None:
    await shop.client.post(VERIFICATION)
    _, used = await mailed_link(shop)
    await shop.visitor().post(f"{VERIFICATION}/confirm", json={"token": used})
    other = await shop.member()
    await other.client.post(VERIFICATION)
    _, late = await mailed_link(shop)
    shop.clock.advance(timedelta(hours=24))

    for token in (used, late, "A" * 43, ""):
        response = await shop.visitor().post(f"{VERIFICATION}/confirm", json={"token": token})
        assert [field for field, _ in field_errors(response)] == ["token"]


async def test_a_verification_is_worth_nothing_for_another_address(shop: Shop) -> None:
    await shop.client.post(VERIFICATION)
    _, token = await mailed_link(shop)
    await shop.client.patch(shop.ada.path, json={"email": "b@example.com", "current_password": PASSWORD})

    response = await shop.visitor().post(f"{VERIFICATION}/confirm", json={"token": token})

    assert [field for field, _ in field_errors(response)] == ["token"]
    assert (await shop.client.get(ME)).json()["email_verified"] is False


async def test_a_password_is_reset_and_every_session_ends(shop: Shop) -> None:
    assert (await shop.client.get(ME)).status_code == 200
    await ask_for_reset(shop)
    page, token = await mailed_link(shop)

    response = await reset(shop, token)

    assert (response.status_code, response.content) == (204, b"")
    assert page == f"{PUBLIC_URL}/reset-password"
    for shown in (shop.ada.token, shop.ada.access_token):
        assert (await shop.visitor(shown).get(ME)).status_code == 401
    assert not await can_log_in(shop, PASSWORD)
    assert await can_log_in(shop, NEW_PASSWORD)


async def test_a_used_reset_token_is_worth_nothing(shop: Shop) -> None:
    await ask_for_reset(shop)
    _, token = await mailed_link(shop)
    await reset(shop, token)

    again = await reset(shop, token, "Something Else 1851")

    assert [field for field, _ in field_errors(again)] == ["token"]
    assert await can_log_in(shop, NEW_PASSWORD)


async def test_of_many_who_use_one_token_at_once_one_sets_the_password(shop: Shop) -> None:
    await ask_for_reset(shop)
    _, token = await mailed_link(shop)

    answers = await asyncio.gather(*(reset(shop, token, f"Engine Number {n:02}") for n in range(5)))

    assert sorted(answer.status_code for answer in answers) == [204, 400, 400, 400, 400]
    (winner,) = [number for number, answer in enumerate(answers) if answer.status_code == 204]
    assert await can_log_in(shop, f"Engine Number {winner:02}")


async def test_a_reset_token_is_good_for_an_hour(shop: Shop) -> None:
    await ask_for_reset(shop)
    _, token = await mailed_link(shop)
    shop.clock.advance(timedelta(hours=1))

    assert [field for field, _ in field_errors(await reset(shop, token))] == ["token"]
    assert await can_log_in(shop, PASSWORD)


async def test_a_refused_password_does_not_use_the_token_up(shop: Shop) -> None:
    await ask_for_reset(shop)
    _, token = await mailed_link(shop)

    refused = await reset(shop, token, "short")

    assert field_errors(refused) == [
        ("new_password", "too_short"),
        ("new_password", "no_upper"),
        ("new_password", "no_digit"),
    ]
    assert (await reset(shop, token)).status_code == 204


async def test_a_token_is_good_for_what_it_was_mailed_for_alone(shop: Shop) -> None:
    await shop.client.post(VERIFICATION)
    _, verifying = await mailed_link(shop)
    await ask_for_reset(shop)
    _, resetting = await mailed_link(shop)

    assert (await reset(shop, verifying)).status_code == 400
    assert (await reset(shop, shop.ada.token)).status_code == 400
    wrong = await shop.visitor().post(f"{VERIFICATION}/confirm", json={"token": resetting})
    assert wrong.status_code == 400
    assert (await shop.visitor(resetting).get(ME)).status_code == 401


async def test_nobody_learns_whether_an_address_has_an_account(shop: Shop) -> None:
    def essence(response: Response) -> tuple[int, bytes, dict[str, Any]]:
        varying = {"x-request-id", "traceparent", "ratelimit-remaining"}
        headers = {name: value for name, value in response.headers.items() if name not in varying}
        return response.status_code, response.content, headers

    known = await ask_for_reset(shop)
    unknown = await ask_for_reset(shop, "nobody@example.com")

    assert essence(known) == essence(unknown)
    assert known.status_code == 202
    assert [mail.to for mail in shop.mailer.sent] == ["ada@example.com"]


async def test_the_answer_does_not_wait_for_the_mail(shop: Shop) -> None:
    response = await shop.visitor().post(RESET, json={"email": "ada@example.com"})

    assert response.status_code == 202
    assert shop.mailer.sent == []


@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "forwarded", "origin", "referer"])
async def test_no_header_decides_where_a_mailed_link_leads(shop: Shop, header: str) -> None:
    value = "host=evil.test" if header == "forwarded" else "evil.test"

    await ask_for_reset(shop, **{header: value})
    page, _ = await mailed_link(shop)
    await shop.client.post(VERIFICATION, headers={header: value})

    assert page == f"{PUBLIC_URL}/reset-password"
    assert not any("evil.test" in mail.text for mail in shop.mailer.sent)


async def test_an_account_is_mailed_five_times_an_hour_whoever_asks(shop: Shop) -> None:
    answers = [await ask_for_reset(shop) for _ in range(7)]
    refused = await shop.client.post(VERIFICATION)
    sent = len(shop.mailer.sent)
    shop.clock.advance(timedelta(hours=1))
    later = await shop.client.post(VERIFICATION)

    assert {answer.status_code for answer in answers} == {202}
    assert sent == 5
    assert refused.status_code == 429
    assert (refused.headers["ratelimit-limit"], refused.headers["retry-after"]) == ("5", "3600")
    assert later.status_code == 202


@pytest.mark.parametrize(
    "body", [{}, {"email": "nowhere"}, {"email": None}, {"email": "a@b.example\r\nBcc: x@y.z"}]
)
async def test_what_is_no_address_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    response = await shop.visitor().post(RESET, json=body)

    assert [field for field, _ in field_errors(response)] == ["email"]
    assert shop.mailer.sent == []
