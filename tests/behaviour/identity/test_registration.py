"""How accounts come into being: every rule, and that names are unique for ever."""

import asyncio
from contextlib import closing
from typing import Any

import pytest

from builders import PASSWORD, Accounts
from quayside.core.identity import NameTakenError, PasswordPolicy, Registration, Role, UserNotFoundError
from quayside.core.kernel import Secret, ValidationFailedError
from quayside.core.kernel.validation import Occasion


def a_registration(**changes: Any) -> Registration:
    values = {"username": "ada", "email": "Ada@Example.com", "password": PASSWORD} | changes
    return Registration(values["username"], values["email"], Secret(values["password"]))


async def refusal(accounts: Accounts, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailedError) as refused:
        await accounts.register_user(a_registration(**changes))
    return [(error.field, error.code) for error in refused.value.field_errors]


async def test_an_account_is_made_as_it_was_asked_for(accounts: Accounts) -> None:
    user = await accounts.register_user(a_registration())

    assert (user.username, user.email, user.email_verified) == ("ada", "Ada@Example.com", False)
    assert user.roles == {Role.USER}
    assert (user.created_at, user.updated_at, user.version) == (accounts.clock(), accounts.clock(), 1)
    assert await accounts.story(user.stream) == ["UserRegistered"]


async def test_the_password_is_kept_as_its_hash_alone(accounts: Accounts) -> None:
    user = await accounts.register_user(a_registration())

    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash
    assert user.password_hash not in repr(user)


@pytest.mark.parametrize(
    ("field", "value", "codes"),
    [
        ("username", "ab", ["too_short"]),
        ("username", "a" * 31, ["too_long"]),
        ("username", "ada lovelace", ["invalid_format"]),
        ("username", "adä", ["invalid_format"]),
        ("email", "ada", ["invalid_format"]),
        ("email", "a@" + "b" * 250 + ".com", ["too_long"]),
        ("password", "Short1a", ["too_short"]),
        ("password", "", ["too_short", "no_upper", "no_lower", "no_digit"]),
        ("password", "aA1" + "x" * 1022, ["too_long"]),
        ("password", "lower case 1", ["no_upper"]),
        ("password", "UPPER CASE 1", ["no_lower"]),
        ("password", "No digit here", ["no_digit"]),
        ("password", "½²Ⓐⓐ ª!!!", ["no_upper", "no_lower", "no_digit"]),
        ("password", "Valid but \x00 1", ["invalid_characters"]),
        ("password", "Valid but \ud800 1", ["invalid_characters"]),
    ],
)
async def test_what_breaks_a_rule_is_refused(
    accounts: Accounts, field: str, value: str, codes: list[str]
) -> None:
    assert await refusal(accounts, **{field: value}) == [(field, code) for code in codes]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "a_1"),
        ("username", "A" * 30),
        ("email", "o'hara+shop@sub.example.co.uk"),
        ("password", "Passwor1"),
        ("password", "aA1" + "x" * 1021),
        ("password", "Привет мир ٣"),
    ],
)
async def test_what_keeps_the_limits_is_taken(accounts: Accounts, field: str, value: str) -> None:
    await accounts.register_user(a_registration(**{field: value}))


async def test_a_password_policy_without_composition_asks_for_length_alone() -> None:
    with closing(Accounts(PasswordPolicy.NIST)) as accounts:
        assert await refusal(accounts, password="Passwor1234567") == [("password", "too_short")]

        await accounts.register_user(a_registration(password="fifteen letters"))


async def test_a_breached_password_is_refused() -> None:
    with closing(Accounts(breached=["Password1"])) as accounts:
        assert await refusal(accounts, password="Password1") == [("password", "breached")]


async def test_a_password_that_breaks_a_cheap_rule_is_not_looked_up() -> None:
    with closing(Accounts(breached=["password1"])) as accounts:
        assert await refusal(accounts, password="password1") == [("password", "no_upper")]


async def test_all_that_is_wrong_is_told_at_once_taken_names_among_it(accounts: Accounts) -> None:
    await accounts.register_user(a_registration())

    assert await refusal(accounts, email="nowhere", password="short") == [
        ("email", "invalid_format"),
        ("password", "too_short"),
        ("password", "no_upper"),
        ("password", "no_digit"),
        ("username", "taken"),
    ]


async def test_broken_rules_are_counted_by_occasion_field_and_code(accounts: Accounts) -> None:
    await refusal(accounts, username="ab")
    await refusal(accounts, username="cd")

    assert accounts.broken_rules == {(Occasion.REGISTRATION, "username", "too_short"): 2}


async def test_names_are_taken_whatever_the_case_of_their_letters(accounts: Accounts) -> None:
    await accounts.register_user(a_registration())

    with pytest.raises(NameTakenError) as refused:
        await accounts.register_user(a_registration(username="ADA", email="aDA@eXAMPLE.com"))

    assert [(error.field, error.code) for error in refused.value.field_errors] == [
        ("username", "taken"),
        ("email", "taken"),
    ]


async def test_of_many_who_register_one_name_at_once_one_gets_it(accounts: Accounts) -> None:
    outcomes = await asyncio.gather(
        *(accounts.register_user(a_registration(username=name)) for name in ["ada", "Ada", "aDA"] * 5),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, NameTakenError) for outcome in outcomes) == 14


async def test_the_names_of_a_deleted_account_stay_taken(accounts: Accounts) -> None:
    user = await accounts.register_user(a_registration())
    await accounts.delete_user(await accounts.caller("ada"), user.id)

    with pytest.raises(NameTakenError):
        await accounts.register_user(a_registration())
    with pytest.raises(UserNotFoundError):
        await accounts.store.users.get(user.id)


async def test_availability_says_which_names_are_free(accounts: Accounts) -> None:
    await accounts.register_user(a_registration())

    both = await accounts.check_availability(username="ADA", email="grace@example.com")
    one = await accounts.check_availability(email="ada@example.com")

    assert (both.username, both.email) == (False, True)
    assert (one.username, one.email) == (None, False)


@pytest.mark.parametrize("names", [{}, {"username": "a"}, {"username": "grace", "email": "nowhere"}])
async def test_availability_of_nothing_or_of_what_can_be_nobodys_is_refused(
    accounts: Accounts, names: dict[str, str]
) -> None:
    with pytest.raises(ValidationFailedError):
        await accounts.check_availability(**names)


async def test_a_service_makes_its_admin_once(accounts: Accounts) -> None:
    made = await accounts.ensure_admin(a_registration())
    again = await accounts.ensure_admin(a_registration(password="Another password 1"))

    assert made is not None
    assert made.roles == {Role.ADMIN, Role.USER}
    assert await accounts.story(made.stream) == ["UserRegistered", "RolesChanged"]
    assert again is None
    await accounts.enter("ada")


async def test_a_service_changes_no_account_that_exists(accounts: Accounts) -> None:
    user = await accounts.has("ada")

    assert await accounts.ensure_admin(a_registration()) is None

    assert (await accounts.store.users.get(user.id)).roles == {Role.USER}


async def test_a_service_does_not_make_a_deleted_admin_anew(accounts: Accounts) -> None:
    await accounts.has("grace", Role.ADMIN)
    admin = await accounts.ensure_admin(a_registration())
    assert admin is not None
    await accounts.delete_user(await accounts.caller("grace"), admin.id)

    assert await accounts.ensure_admin(a_registration()) is None


async def test_processes_that_start_at_once_make_one_admin(accounts: Accounts) -> None:
    made = await asyncio.gather(*(accounts.ensure_admin(a_registration()) for _ in range(8)))

    assert sum(admin is not None for admin in made) == 1


async def test_an_admin_whose_address_is_another_accounts_is_refused_by_name(accounts: Accounts) -> None:
    await accounts.register_user(a_registration(username="grace"))

    with pytest.raises(NameTakenError) as refused:
        await accounts.ensure_admin(a_registration())

    assert [error.field for error in refused.value.field_errors] == ["email"]


async def test_an_operators_password_keeps_the_rules_but_is_looked_up_nowhere() -> None:
    with closing(Accounts(breached=["Password1"])) as accounts:
        with pytest.raises(ValidationFailedError):
            await accounts.ensure_admin(a_registration(password="weak"))
        assert await accounts.ensure_admin(a_registration(password="Password1")) is not None
