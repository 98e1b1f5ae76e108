"""What the audit trail keeps of those who were denied something."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from builders.members import PASSWORD, V1, Member
from builders.shop import PAYMENTS, Shop
from quayside.core.eventlog import StreamId
from quayside.core.identity import AccessDenied, LoginRefused, RefusedLogin, Role

USERS = f"{V1}/users"
PASSWORDS = {"current_password": PASSWORD, "new_password": "Difference Engine 1822"}

Denied = tuple[str, str | None]
"""The operation, and the permission that is lacking."""


async def denials(shop: Shop, member: Member) -> list[Denied]:
    """What was kept of the member's denials, in order."""
    recorded = await shop.application.storage.events.read_stream(StreamId("access", member.user.id))
    assert {each.envelope.user_id for each in recorded} <= {member.user.id}
    events = [each.event for each in recorded]
    return [(event.operation, event.permission) for event in events if isinstance(event, AccessDenied)]


async def test_what_a_role_does_not_allow_is_recorded_with_the_permission(shop: Shop) -> None:
    await shop.client.get(USERS)
    await shop.client.put(f"{shop.ada.path}/roles", json={"roles": ["Admin"]})

    assert await denials(shop, shop.ada) == [("list_users", "users:read_all"), ("set_roles", "users:write")]


Call = Callable[[AsyncClient, Member, str], Awaitable[Response]]

HIDDEN: dict[str, Call] = {
    "show_user": lambda client, other, _: client.get(other.path),
    "change_user": lambda client, other, _: client.patch(other.path, json={"email": "x@example.com"}),
    "delete_user": lambda client, other, _: client.delete(other.path),
    "change_password": lambda client, other, _: client.post(f"{other.path}/password", json=PASSWORDS),
    "end_session": lambda client, other, _: client.delete(f"{V1}/auth/sessions/{other.login.session.id}"),
    "show_payment": lambda client, _, payment_id: client.get(f"{PAYMENTS}/{payment_id}"),
}


@pytest.mark.parametrize("operation", HIDDEN)
async def test_what_is_hidden_is_recorded_once_and_the_caller_is_told_nothing_of_it(
    shop: Shop, operation: str
) -> None:
    payment = await shop.has_taken()
    stranger = await shop.member()

    answer = await HIDDEN[operation](stranger.client, shop.ada, payment["id"])

    assert answer.status_code == 404
    assert set(answer.json()["error"]) <= {"code", "message", "payment_id"}
    assert await denials(shop, stranger) == [(operation, None)]


@pytest.mark.parametrize("path", [PAYMENTS, f"{V1}/auth/sessions"])
async def test_what_nobody_has_is_hidden_from_nobody(shop: Shop, path: str) -> None:
    method = "GET" if path == PAYMENTS else "DELETE"

    answer = await shop.client.request(method, f"{path}/{uuid4()}")

    assert answer.status_code == 404
    assert await denials(shop, shop.ada) == []


async def test_an_admin_at_somebodys_password_is_recorded(shop: Shop) -> None:
    admin = await shop.member(Role.ADMIN)

    answer = await admin.client.post(f"{shop.ada.path}/password", json=PASSWORDS)

    assert answer.status_code == 403
    assert await denials(shop, admin) == [("change_password", None)]


async def test_a_foreign_origin_is_recorded(shop: Shop) -> None:
    headers = {"cookie": f"session-token={shop.ada.token}", "origin": "https://evil.example"}

    answer = await shop.visitor().post(f"{V1}/auth/logout", headers=headers)

    assert answer.status_code == 403
    assert await denials(shop, shop.ada) == [("log_out", None)]


async def test_who_asks_too_often_adds_nothing_to_the_trail(shop: Shop) -> None:
    await shop.has_asked(598)

    answers = [await shop.client.get(USERS) for _ in range(4)]

    assert {answer.status_code for answer in answers} == {403}
    assert len(await denials(shop, shop.ada)) == 2


async def test_nobody_known_is_denied_nothing(shop: Shop) -> None:
    await shop.visitor().get(USERS)

    assert "AccessDenied" not in await shop.story()


@pytest.mark.parametrize(
    ("operation", "body"),
    [("email-verification", {}), ("password-reset", {"new_password": PASSWORDS["new_password"]})],
)
async def test_a_mailed_token_that_is_none_is_recorded_without_a_user(
    shop: Shop, operation: str, body: dict[str, str]
) -> None:
    answer = await shop.visitor().post(f"{V1}/auth/{operation}/confirm", json={"token": "A" * 43, **body})

    assert answer.status_code == 400
    *_, last = await shop.application.storage.events.read_all()
    assert last.event == LoginRefused(None, RefusedLogin.BAD_TOKEN, shop.clock())
