"""From a password to a session, and what a login tells."""

import re
from datetime import timedelta

import pytest

from builders import HOME, PASSWORD, Accounts
from quayside.adapters.security.argon2 import Argon2PasswordHasher
from quayside.core.eventlog import StreamId
from quayside.core.identity import (
    Device,
    InvalidCredentialsError,
    LoginRefused,
    RefusedLogin,
    hash_of,
)
from quayside.core.kernel import Secret, ValidationFailedError


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.com", "Ada@Example.COM"])
async def test_a_user_logs_in_by_name_or_address_whatever_the_case(accounts: Accounts, login: str) -> None:
    user = await accounts.has("ada")

    logged_in = await accounts.enter(login)

    assert logged_in.user.id == user.id
    assert await accounts.story(logged_in.session.stream) == ["UserLoggedIn"]


async def test_a_login_gives_a_token_of_which_only_the_hash_is_kept(accounts: Accounts) -> None:
    await accounts.has("ada")

    logged_in = await accounts.enter("ada")

    token = logged_in.token.reveal()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert logged_in.session.token_hash == hash_of(token)
    assert token not in repr(logged_in)
    assert logged_in.access_token.token not in repr(logged_in)


async def test_a_session_lives_seven_days_and_remembers_where_it_came_from(accounts: Accounts) -> None:
    await accounts.has("ada")

    session = (await accounts.enter("ada")).session

    assert session.expires_at == accounts.clock() + timedelta(days=7)
    assert (session.ip_address, session.user_agent) == (HOME, "a browser")


async def test_only_the_beginning_of_what_a_client_calls_itself_is_kept(accounts: Accounts) -> None:
    await accounts.has("ada")

    logged_in = await accounts.log_in("ada", Secret(PASSWORD), Device(HOME, "x" * 10_000))

    assert logged_in.session.user_agent == "x" * 256


async def test_every_login_has_a_new_token(accounts: Accounts) -> None:
    await accounts.has("ada")

    first, second = await accounts.enter("ada"), await accounts.enter("ada")

    assert first.token != second.token
    assert first.session.id != second.session.id


@pytest.mark.parametrize("login", ["ada", "nobody", "nobody@example.com", "", "no such nämé", "a" * 1000])
async def test_a_wrong_password_and_an_unknown_user_are_told_alike(accounts: Accounts, login: str) -> None:
    await accounts.has("ada")

    with pytest.raises(InvalidCredentialsError) as refusal:
        await accounts.enter(login, "Wrong password 1")

    assert str(refusal.value) == str(InvalidCredentialsError())


@pytest.mark.parametrize(("login", "password"), [("a\x00da", PASSWORD), ("ada", "a\ud800"), ("\x1b", "\x00")])
async def test_what_cannot_be_text_is_refused(accounts: Accounts, login: str, password: str) -> None:
    with pytest.raises(ValidationFailedError):
        await accounts.enter(login, password)


async def test_a_refused_login_is_recorded_with_the_account(accounts: Accounts) -> None:
    user = await accounts.has("ada")

    with pytest.raises(InvalidCredentialsError):
        await accounts.enter("ada", "Wrong password 1")

    [recorded] = await accounts.store.events.read_stream(StreamId("access", user.id))
    assert recorded.event == LoginRefused(user.id, RefusedLogin.WRONG_PASSWORD, accounts.clock())


async def test_a_refused_login_of_nobody_is_recorded_without_the_name(accounts: Accounts) -> None:
    with pytest.raises(InvalidCredentialsError):
        await accounts.enter("nobody")

    [recorded] = await accounts.store.events.read_all()
    assert recorded.event == LoginRefused(None, RefusedLogin.UNKNOWN_USER, accounts.clock())
    assert recorded.stream.category == "access"


async def test_an_address_that_was_given_up_is_no_login_any_more(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    caller = await accounts.caller("ada")
    await accounts.change_email(caller, user.id, "new@example.com", current_password=Secret(PASSWORD))

    await accounts.enter("new@example.com")
    with pytest.raises(InvalidCredentialsError):
        await accounts.enter("ada@example.com")


async def test_a_deleted_user_does_not_log_in(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    await accounts.delete_user(await accounts.caller("ada"), user.id)

    with pytest.raises(InvalidCredentialsError):
        await accounts.enter("ada")


async def test_a_hash_of_other_parameters_is_renewed_at_login(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    accounts.hasher.argon2.close()
    accounts.hasher.argon2 = Argon2PasswordHasher(memory_kib=16, passes=1, lanes=1, threads=1)

    await accounts.enter("ada")
    await accounts.enter("ada")

    renewed = await accounts.store.users.get(user.id)
    assert "m=16" in renewed.password_hash
    assert await accounts.story(user.stream) == ["UserRegistered", "PasswordRehashed"]


async def test_logins_that_renew_the_hash_at_once_all_succeed(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    accounts.hasher.argon2.close()
    accounts.hasher.argon2 = Argon2PasswordHasher(memory_kib=16, passes=1, lanes=1, threads=1)

    async def log_in_beside() -> None:
        await accounts.enter("ada")

    accounts.hasher.meanwhile = log_in_beside
    await accounts.enter("ada")

    assert await accounts.story(user.stream) == ["UserRegistered", "PasswordRehashed"]


async def test_a_password_that_is_changed_while_it_is_compared_opens_no_session(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    owner = await accounts.caller("ada")

    async def change() -> None:
        await accounts.change_password(
            owner, user.id, current_password=Secret(PASSWORD), new_password=Secret("Another password 1")
        )

    accounts.hasher.meanwhile = change
    with pytest.raises(InvalidCredentialsError):
        await accounts.enter("ada")

    [session] = await accounts.list_sessions(owner)
    assert session.id == owner.session_id


async def test_a_user_who_is_deleted_while_the_password_is_compared_is_unknown(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    owner = await accounts.caller("ada")

    async def delete() -> None:
        await accounts.delete_user(owner, user.id)

    accounts.hasher.meanwhile = delete
    with pytest.raises(InvalidCredentialsError):
        await accounts.enter("ada")
