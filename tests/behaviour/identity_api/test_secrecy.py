"""Passwords, hashes and tokens leave by one door each: where they are asked for."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Response
from structlog.testing import capture_logs

from builders.members import PASSWORD, V1
from builders.shop import PAYMENTS, Shop, a_payment_body
from quayside.core.identity import Role

NEW_PASSWORD = "Difference Engine 1849"
HASH_PREFIX = "$argon2"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """Everything that is logged."""
    with capture_logs(processors=[]) as lines:
        yield lines


async def a_life(shop: Shop) -> tuple[list[Response], list[str]]:
    """Everything that an account goes through: the answers, and all tokens there ever were."""
    admin, client = await shop.member(Role.ADMIN), shop.visitor()
    credentials = {"username": "grace", "password": PASSWORD}
    answers = [
        await client.post(f"{V1}/auth/register", json=credentials | {"email": "grace@example.com"}),
        await client.post(f"{V1}/auth/register", json=credentials | {"email": "other@example.com"}),
        await client.post(f"{V1}/auth/login", json=credentials | {"password": f"{PASSWORD}?"}),
    ]
    login = (await client.post(f"{V1}/auth/login", json=credentials)).json()
    path, grace = f"{V1}/users/{login['user']['id']}", shop.visitor(login["token"])
    issued = (await grace.post(f"{V1}/auth/token")).json()["access_token"]
    answers += [
        await grace.get(path),
        await grace.get(f"{V1}/auth/sessions"),
        await grace.post(f"{V1}/auth/email-verification"),
        await grace.post(PAYMENTS, json=a_payment_body()),
        await grace.patch(path, json={"email": "hopper@example.com", "current_password": PASSWORD}),
        await grace.post(
            f"{path}/password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        ),
        await client.post(f"{V1}/auth/password-reset", json={"email": "hopper@example.com"}),
    ]
    await shop.application.background.finish()  # before the account is gone
    answers += [
        await grace.get(f"{V1}/users"),
        await admin.client.get(f"{V1}/users"),
        await admin.client.put(f"{path}/roles", json={"roles": ["Staff"]}),
        await grace.post(f"{V1}/auth/logout"),
        await grace.get(path),
        await admin.client.delete(path),
    ]
    mailed = [mail.text.partition("token=")[2].split()[0] for mail in shop.mailer.sent]
    assert len(mailed) == 2
    return answers, [login["token"], login["access_token"], issued, *mailed]


async def test_no_answer_log_line_or_event_holds_a_secret(shop: Shop, lines: list[Any]) -> None:
    answers, tokens = await a_life(shop)
    recorded = await shop.application.storage.events.read_all()

    told = [*(f"{answer.headers} {answer.text}" for answer in answers), repr(lines), repr(recorded)]

    assert len(lines) > len(answers)
    for secret in (PASSWORD, NEW_PASSWORD, HASH_PREFIX, *tokens):
        assert not any(secret in text for text in told)


async def test_events_hold_nothing_personal(shop: Shop) -> None:
    await a_life(shop)

    events = repr(await shop.application.storage.events.read_all())

    for word in ("grace", "hopper", "example.com", "192.0.2.1"):
        assert word not in events


async def test_a_token_is_told_once_to_whom_it_belongs_and_kept_as_a_hash(shop: Shop) -> None:
    found = await shop.application.storage.sessions.find(shop.ada.login.session.id)

    assert found
    assert found.user
    assert shop.ada.token not in repr(found)
    assert shop.ada.token.encode() not in found.session.token_hash
    assert PASSWORD not in found.user.password_hash
