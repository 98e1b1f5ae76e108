"""Passwords: changed by their owner, replaced by an operator, and measured."""

from contextlib import closing

import pytest

from builders import PASSWORD, Accounts
from quayside.adapters.security.strength import ZxcvbnStrengthMeter
from quayside.core.identity import (
    InvalidCredentialsError,
    MeasureStrength,
    PasswordStrength,
    Role,
    SessionExpiredError,
    UserNotFoundError,
)
from quayside.core.kernel import PermissionDeniedError, Principal, Secret, UserId, ValidationFailedError

NEW = "Another password 1"


async def change(
    accounts: Accounts, caller: Principal, user_id: UserId, *, old: str = PASSWORD, new: str = NEW
) -> None:
    await accounts.change_password(caller, user_id, current_password=Secret(old), new_password=Secret(new))


async def test_a_changed_password_replaces_the_old_one(accounts: Accounts) -> None:
    user = await accounts.has("ada")

    await change(accounts, await accounts.caller("ada"), user.id)

    await accounts.enter("ada", NEW)
    with pytest.raises(InvalidCredentialsError):
        await accounts.enter("ada", PASSWORD)
    assert await accounts.story(user.stream) == ["UserRegistered", "PasswordChanged"]


async def test_a_changed_password_ends_all_other_sessions(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    other, own = await accounts.enter("ada"), await accounts.enter("ada")
    caller = await accounts.authenticate(own.token.reveal())
    await accounts.authenticate(other.token.reveal())

    await change(accounts, caller, user.id)

    assert await accounts.authenticate(own.token.reveal()) == caller
    with pytest.raises(SessionExpiredError):
        await accounts.authenticate(other.token.reveal())


async def test_a_wrong_current_password_changes_nothing(accounts: Accounts) -> None:
    user = await accounts.has("ada")

    with pytest.raises(InvalidCredentialsError):
        await change(accounts, await accounts.caller("ada"), user.id, old="Wrong password 1")

    await accounts.enter("ada", PASSWORD)
    assert await accounts.denials(user.id) == ["LoginRefused"]


async def test_a_new_password_keeps_every_rule() -> None:
    with closing(Accounts(breached=["Password1"])) as accounts:
        user = await accounts.has("ada")
        caller = await accounts.caller("ada")

        for password, codes in {
            "short": ["too_short", "no_upper", "no_digit"],
            "Password1": ["breached"],
        }.items():
            with pytest.raises(ValidationFailedError) as refusal:
                await change(accounts, caller, user.id, new=password)
            assert [error.code for error in refusal.value.field_errors] == codes
            assert {error.field for error in refusal.value.field_errors} == {"new_password"}


async def test_nobody_but_its_owner_changes_a_password(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    await accounts.has("mallory")
    await accounts.has("grace", Role.ADMIN)

    with pytest.raises(UserNotFoundError):
        await change(accounts, await accounts.caller("mallory"), user.id)
    with pytest.raises(PermissionDeniedError):
        await change(accounts, await accounts.caller("grace"), user.id)


async def test_an_operator_replaces_a_password_and_ends_every_session(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    caller = await accounts.caller("ada")

    with pytest.raises(ValidationFailedError):
        await accounts.replace_password(user.id, Secret("weak"))
    await accounts.replace_password(user.id, Secret(NEW))

    await accounts.enter("ada", NEW)
    assert caller.session_id not in [session.id for session in await accounts.list_sessions(caller)]
    with pytest.raises(UserNotFoundError):
        await accounts.replace_password(UserId(caller.session_id), Secret(NEW))


async def test_the_strength_of_a_password_takes_into_account_who_it_is_of() -> None:
    measure = MeasureStrength(ZxcvbnStrengthMeter())

    stranger = await measure(Secret("lovelace1815"))
    ada = await measure(Secret("lovelace1815"), ["lovelace1815"])

    assert isinstance(stranger, PasswordStrength)
    assert ada.score < stranger.score


@pytest.mark.parametrize(
    ("password", "user_inputs", "field"),
    [
        ("x" * 1025, [], "password"),
        ("\x00", [], "password"),
        ("x", ["y"] * 21, "user_inputs"),
        ("x", ["y" * 255], "user_inputs.0"),
    ],
)
async def test_no_more_is_measured_than_a_password_can_be(
    password: str, user_inputs: list[str], field: str
) -> None:
    with pytest.raises(ValidationFailedError) as refusal:
        await MeasureStrength(ZxcvbnStrengthMeter())(Secret(password), user_inputs)

    assert [error.field for error in refusal.value.field_errors] == [field]
