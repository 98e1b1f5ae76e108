"""The address of an account: changed, and shown to be its owner's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from attrs import define, evolve

from builders import PASSWORD, Accounts
from quayside.core.identity import (
    InvalidCredentialsError,
    Mail,
    MailNotSentError,
    NameTakenError,
    RequestEmailVerification,
    Role,
    TokenPurpose,
    Transaction,
    UserNotFoundError,
)
from quayside.core.kernel import Permission, PermissionDeniedError, Scope, Secret, ValidationFailedError
from quayside.core.resilience import RateLimitExceededError

NEW = "lovelace@example.com"


@define
class BrokenMailer:
    """A mail server that takes nothing."""

    asked: int = 0

    async def send(self, mail: Mail) -> None:
        self.asked += 1
        raise MailNotSentError("it is closed")


async def refusal_of(accounts: Accounts, token: str) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailedError) as refusal:
        await accounts.verify_email(token)
    return [(error.field, error.code) for error in refusal.value.field_errors]


async def mailed_verification(accounts: Accounts, login: str = "ada") -> str:
    await accounts.request_email_verification(await accounts.caller(login))
    return accounts.mailed_token()


async def test_whoever_reads_the_accounts_mail_verifies_its_address(accounts: Accounts) -> None:
    user = await accounts.has("ada")

    token = await mailed_verification(accounts)
    await accounts.verify_email(token)

    [mail] = accounts.mailer.sent
    assert mail.to == "ada@example.com"
    assert f"\nhttps://shop.test/verify-email?token={token}\n" in mail.text
    assert (await accounts.store.users.get(user.id)).email_verified
    assert await accounts.story(user.stream) == ["UserRegistered", "EmailVerified"]
    assert await accounts.denials(user.id) == ["MailRequested"]


async def test_a_verification_works_once(accounts: Accounts) -> None:
    await accounts.has("ada")
    token = await mailed_verification(accounts)
    await accounts.verify_email(token)

    assert await refusal_of(accounts, token) == [("token", "invalid_token")]


async def test_a_verification_is_good_for_a_day(accounts: Accounts) -> None:
    await accounts.has("ada")
    early, late = timedelta(hours=24, microseconds=-1), timedelta(microseconds=1)
    token = await mailed_verification(accounts)

    accounts.clock.advance(early + late)
    assert await refusal_of(accounts, token) == [("token", "invalid_token")]
    accounts.clock.advance(-late)
    await accounts.verify_email(token)


@pytest.mark.parametrize("token", ["", "none", "A" * 43, "\x00", "\ud800"])
async def test_what_is_no_token_verifies_nothing(accounts: Accounts, token: str) -> None:
    assert [field for field, _ in await refusal_of(accounts, token)] == ["token"]


async def test_a_verification_is_of_the_address_it_was_mailed_to_alone(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    token = await mailed_verification(accounts)

    await accounts.change_email(await accounts.caller("ada"), user.id, NEW, current_password=Secret(PASSWORD))

    assert await refusal_of(accounts, token) == [("token", "invalid_token")]


async def test_a_letter_goes_to_the_address_that_the_account_has_by_then(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    caller = await accounts.caller("ada")
    await accounts.change_email(caller, user.id, NEW, current_password=Secret(PASSWORD))

    await accounts.request_email_verification.mail_token(user, TokenPurpose.EMAIL_VERIFICATION)

    assert accounts.mailer.sent[-1].to == NEW
    await accounts.verify_email(accounts.mailed_token())


async def test_an_address_that_changes_while_a_token_is_kept_is_the_one_that_is_mailed(
    accounts: Accounts,
) -> None:
    user = await accounts.has("ada")
    caller = await accounts.caller("ada")
    is_about_to_keep, is_changed = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def begin() -> AsyncIterator[Transaction]:
        async with accounts.store.begin() as tx:
            yield tx
            is_about_to_keep.set()
            await is_changed.wait()

    async def change() -> None:
        await is_about_to_keep.wait()
        await accounts.change_email(caller, user.id, NEW, current_password=Secret(PASSWORD))
        is_changed.set()

    mail_token = evolve(accounts.request_email_verification.mail_token, begin=begin)
    async with asyncio.timeout(10):
        await asyncio.gather(mail_token(user, TokenPurpose.EMAIL_VERIFICATION), change())

    [mail] = accounts.mailer.sent
    assert mail.to == NEW
    await accounts.verify_email(accounts.mailed_token())


@pytest.mark.parametrize("purpose", TokenPurpose)
async def test_a_change_of_address_that_is_under_way_voids_what_is_mailed_meanwhile(
    accounts: Accounts, purpose: TokenPurpose
) -> None:
    user = await accounts.has("ada")
    is_under_way, is_mailed = asyncio.Event(), asyncio.Event()

    async def change() -> None:
        async with accounts.store.begin() as tx:
            present = await tx.users.get(user.id)
            await tx.users.save(present, present.change_email(NEW, at=accounts.clock()))
            is_under_way.set()
            await is_mailed.wait()

    async def mail() -> None:
        await is_under_way.wait()
        await accounts.request_email_verification.mail_token(user, purpose)
        is_mailed.set()

    async with asyncio.timeout(10):
        await asyncio.gather(change(), mail())

    token = accounts.mailed_token()
    with pytest.raises(ValidationFailedError) as refusal:
        if purpose is TokenPurpose.EMAIL_VERIFICATION:
            await accounts.verify_email(token)
        else:
            await accounts.reset_password(token, Secret("Another password 1"))
    assert [error.code for error in refusal.value.field_errors] == ["invalid_token"]


async def test_a_verified_address_is_not_mailed_again(accounts: Accounts) -> None:
    await accounts.has("ada")
    await accounts.verify_email(await mailed_verification(accounts))

    await accounts.request_email_verification(await accounts.caller("ada"))

    assert len(accounts.mailer.sent) == 1


async def test_the_sixth_verification_in_an_hour_is_refused(accounts: Accounts) -> None:
    await accounts.has("ada")
    caller = await accounts.caller("ada")
    for _ in range(5):
        await accounts.request_email_verification(caller)

    with pytest.raises(RateLimitExceededError):
        await accounts.request_email_verification(caller)


async def test_a_letter_that_could_not_be_sent_counts_for_nothing(accounts: Accounts) -> None:
    await accounts.has("ada")
    caller = await accounts.caller("ada")
    mailer = BrokenMailer()
    working = accounts.request_email_verification
    broken = RequestEmailVerification(accounts.store.users, evolve(working.mail_token, mailer=mailer))

    for _ in range(6):
        with pytest.raises(MailNotSentError):
            await broken(caller)

    assert mailer.asked == 6
    await working(caller)


async def test_a_changed_address_is_not_verified(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    await accounts.verify_email(await mailed_verification(accounts))

    changed = await accounts.change_email(
        await accounts.caller("ada"), user.id, NEW, current_password=Secret(PASSWORD)
    )

    assert (changed.email, changed.email_verified) == (NEW, False)
    assert (await accounts.story(user.stream))[-1] == "EmailChanged"


@pytest.mark.parametrize(
    ("email", "password", "fields"),
    [
        (NEW, None, ["current_password"]),
        ("nowhere", PASSWORD, ["email"]),
        ("nowhere", "\x00", ["email", "current_password"]),
    ],
)
async def test_what_an_owner_may_not_leave_out_or_get_wrong(
    accounts: Accounts, email: str, password: str | None, fields: list[str]
) -> None:
    user = await accounts.has("ada")
    secret = None if password is None else Secret(password)

    with pytest.raises(ValidationFailedError) as refusal:
        await accounts.change_email(await accounts.caller("ada"), user.id, email, current_password=secret)

    assert [error.field for error in refusal.value.field_errors] == fields


async def test_an_owner_says_their_password_admin_or_not(accounts: Accounts) -> None:
    admin = await accounts.has("grace", Role.ADMIN)
    caller = await accounts.caller("grace")

    with pytest.raises(ValidationFailedError):
        await accounts.change_email(caller, admin.id, NEW)
    with pytest.raises(InvalidCredentialsError):
        await accounts.change_email(caller, admin.id, NEW, current_password=Secret("Wrong password 1"))


async def test_an_admin_changes_anothers_address_without_a_password(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    await accounts.has("grace", Role.ADMIN)

    await accounts.change_email(await accounts.caller("grace"), user.id, NEW)

    await accounts.enter(NEW)


@pytest.mark.parametrize("role", [Role.USER, Role.STAFF])
async def test_nobody_else_sees_the_account(accounts: Accounts, role: Role) -> None:
    user = await accounts.has("ada")
    await accounts.has("mallory", role)

    with pytest.raises(UserNotFoundError):
        await accounts.change_email(await accounts.caller("mallory"), user.id, NEW)


async def test_who_sees_an_account_but_may_not_write_is_told_so(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    await accounts.has("auditor")
    caller = await accounts.caller("auditor")
    sees_all = evolve(caller, grants={Permission.USERS_READ_ALL: Scope.ANY})

    with pytest.raises(PermissionDeniedError):
        await accounts.change_email(sees_all, user.id, NEW)


async def test_an_address_that_is_or_was_anothers_is_refused(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    grace = await accounts.has("grace")
    await accounts.change_email(
        await accounts.caller("grace"), grace.id, NEW, current_password=Secret(PASSWORD)
    )
    caller = await accounts.caller("ada")

    for email in (NEW.upper(), "grace@example.com"):
        with pytest.raises(NameTakenError) as refusal:
            await accounts.change_email(caller, user.id, email, current_password=Secret(PASSWORD))
        assert [error.field for error in refusal.value.field_errors] == ["email"]


async def test_ones_own_former_address_may_be_taken_again(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    caller = await accounts.caller("ada")

    for email in (NEW, "ADA@example.com"):
        await accounts.change_email(caller, user.id, email, current_password=Secret(PASSWORD))

    assert (await accounts.store.users.get(user.id)).email == "ADA@example.com"


async def test_the_sixth_address_in_an_hour_is_refused(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    caller = await accounts.caller("ada")

    async def change(email: str, password: str = PASSWORD) -> None:
        await accounts.change_email(caller, user.id, email, current_password=Secret(password))

    with pytest.raises(ValidationFailedError):
        await change("nowhere")
    with pytest.raises(InvalidCredentialsError):
        await change(NEW, "Wrong password 1")
    for n in range(5):
        await change(f"ada{n}@example.com")

    with pytest.raises(RateLimitExceededError):
        await change(NEW)
    accounts.clock.advance(timedelta(hours=1))
    await change(NEW)


async def test_an_address_that_is_taken_counts_too(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    await accounts.has("grace")
    caller = await accounts.caller("ada")
    for _ in range(5):
        with pytest.raises(NameTakenError):
            await accounts.change_email(
                caller, user.id, "grace@example.com", current_password=Secret(PASSWORD)
            )

    with pytest.raises(RateLimitExceededError):
        await accounts.change_email(caller, user.id, NEW, current_password=Secret(PASSWORD))
