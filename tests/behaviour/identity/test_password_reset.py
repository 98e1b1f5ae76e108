"""A password reset by a mailed token."""

import asyncio
from datetime import timedelta

import pytest

from builders import PASSWORD, Accounts
from quayside.core.eventlog import StreamId
from quayside.core.identity import (
    InvalidCredentialsError,
    MailRequested,
    SessionExpiredError,
)
from quayside.core.kernel import Principal, Secret, UserId, ValidationFailedError

NEW = "Another password 1"
HOUR = timedelta(hours=1)


async def change(
    accounts: Accounts, caller: Principal, user_id: UserId, *, old: str = PASSWORD, new: str = NEW
) -> None:
    await accounts.change_password(caller, user_id, current_password=Secret(old), new_password=Secret(new))


async def reset(accounts: Accounts, token: str, password: str = NEW) -> None:
    await accounts.reset_password(token, Secret(password))


async def refused_fields(accounts: Accounts, token: str, password: str = NEW) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailedError) as refusal:
        await reset(accounts, token, password)
    return [(error.field, error.code) for error in refusal.value.field_errors]


async def is_asked_for(accounts: Accounts, email: str = "ada@example.com") -> str:
    """The token of a reset that somebody asked for."""
    await accounts.request_password_reset(email)
    return accounts.mailed_token()


async def test_a_reset_is_mailed_to_the_address_of_the_account(accounts: Accounts) -> None:
    user = await accounts.has("ada")

    token = await is_asked_for(accounts, "ADA@example.com")

    [mail] = accounts.mailer.sent
    assert mail.to == "ada@example.com"
    assert f"\nhttps://shop.test/reset-password?token={token}\n" in mail.text
    [recorded] = await accounts.store.events.read_stream(StreamId("access", user.id))
    assert recorded.event == MailRequested(user.id, "password_reset", accounts.clock())
    assert token not in str(recorded)


async def test_nobody_is_mailed_about_an_address_without_an_account(accounts: Accounts) -> None:
    await accounts.has("ada")

    await accounts.request_password_reset("nobody@example.com")

    assert accounts.mailer.sent == []


@pytest.mark.parametrize("email", ["ada", "", "ada@example.com\nBcc: x@example.com"])
async def test_a_reset_is_asked_for_by_address_alone(accounts: Accounts, email: str) -> None:
    await accounts.has("ada")

    with pytest.raises(ValidationFailedError):
        await accounts.request_password_reset(email)


async def test_a_mailed_token_sets_a_new_password_and_ends_every_session(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    logged_in = await accounts.enter("ada")
    await accounts.authenticate(logged_in.token.reveal())

    await reset(accounts, await is_asked_for(accounts))

    with pytest.raises(SessionExpiredError):
        await accounts.authenticate(logged_in.token.reveal())
    with pytest.raises(InvalidCredentialsError):
        await accounts.enter("ada", PASSWORD)
    await accounts.enter("ada", NEW)
    assert await accounts.story(user.stream) == ["UserRegistered", "PasswordReset"]


async def test_a_token_works_once(accounts: Accounts) -> None:
    await accounts.has("ada")
    token = await is_asked_for(accounts)
    await reset(accounts, token)

    assert await refused_fields(accounts, token) == [("token", "invalid_token")]


async def test_of_many_who_use_a_token_at_once_one_sets_the_password(accounts: Accounts) -> None:
    await accounts.has("ada")
    token = await is_asked_for(accounts)

    outcomes = await asyncio.gather(
        *(reset(accounts, token, f"{NEW}{n}") for n in range(5)), return_exceptions=True
    )

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, ValidationFailedError) for outcome in outcomes) == 4


async def test_a_token_is_good_for_an_hour(accounts: Accounts) -> None:
    await accounts.has("ada")
    token = await is_asked_for(accounts)

    accounts.clock.advance(HOUR)

    assert await refused_fields(accounts, token) == [("token", "invalid_token")]


async def test_a_refused_password_does_not_use_the_token_up(accounts: Accounts) -> None:
    await accounts.has("ada")
    token = await is_asked_for(accounts)

    assert await refused_fields(accounts, token, "weakness1") == [("new_password", "no_upper")]

    await reset(accounts, token)


async def test_a_bad_token_and_a_bad_password_are_told_at_once(accounts: Accounts) -> None:
    assert await refused_fields(accounts, "none", "weakness1") == [
        ("new_password", "no_upper"),
        ("token", "invalid_token"),
    ]


async def test_a_newer_token_voids_the_older(accounts: Accounts) -> None:
    await accounts.has("ada")
    older, newer = await is_asked_for(accounts), await is_asked_for(accounts)

    assert await refused_fields(accounts, older) == [("token", "invalid_token")]
    await reset(accounts, newer)


async def test_a_changed_password_voids_a_token(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    token = await is_asked_for(accounts)

    await change(accounts, await accounts.caller("ada"), user.id)

    assert await refused_fields(accounts, token) == [("token", "invalid_token")]


async def test_a_token_that_was_mailed_to_an_old_address_is_void(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    token = await is_asked_for(accounts)
    caller = await accounts.caller("ada")

    await accounts.change_email(caller, user.id, "new@example.com", current_password=Secret(PASSWORD))

    assert await refused_fields(accounts, token) == [("token", "invalid_token")]


async def test_a_token_of_another_purpose_resets_nothing(accounts: Accounts) -> None:
    await accounts.has("ada")
    await accounts.request_email_verification(await accounts.caller("ada"))

    assert await refused_fields(accounts, accounts.mailed_token()) == [("token", "invalid_token")]


async def test_an_account_is_mailed_five_times_an_hour_and_nobody_is_told(accounts: Accounts) -> None:
    await accounts.has("ada")

    for _ in range(7):
        await accounts.request_password_reset("ada@example.com")

    assert len(accounts.mailer.sent) == 5
    await reset(accounts, accounts.mailed_token())
    accounts.clock.advance(HOUR)
    await accounts.request_password_reset("ada@example.com")
    assert len(accounts.mailer.sent) == 6
