"""Who sees and changes accounts, what roles decide, and how accounts go."""

import asyncio

import pytest

from builders import Accounts
from quayside.core.eventlog import StreamId
from quayside.core.identity import (
    POLICY,
    AccessDenied,
    LastAdminError,
    Role,
    RolesChanged,
    SessionExpiredError,
    UserNotFoundError,
    grants_of,
)
from quayside.core.kernel import (
    PageRequest,
    Permission,
    PermissionDeniedError,
    Scope,
    UserId,
    ValidationFailedError,
)


async def test_everybody_sees_themselves_and_admins_see_all(accounts: Accounts) -> None:
    ada = await accounts.has("ada")
    staff = await accounts.has("staff", Role.STAFF)
    admin = await accounts.has("grace", Role.ADMIN)

    for user in (ada, staff, admin):
        assert (await accounts.find_user(await accounts.caller(user.username), user.id)).id == user.id
    assert (await accounts.find_user(await accounts.caller("grace"), ada.id)).id == ada.id
    for login in ("ada", "staff"):
        with pytest.raises(UserNotFoundError):
            await accounts.find_user(await accounts.caller(login), admin.id)


async def test_an_account_that_is_not_there_looks_like_one_that_may_not_be_seen(accounts: Accounts) -> None:
    await accounts.has("grace", Role.ADMIN)
    caller = await accounts.caller("grace")

    with pytest.raises(UserNotFoundError):
        await accounts.find_user(caller, UserId(caller.session_id))


async def test_only_who_sees_all_lists_accounts(accounts: Accounts) -> None:
    await accounts.has("ada")
    await accounts.has("grace", Role.ADMIN)

    page = await accounts.list_users(await accounts.caller("grace"), PageRequest())

    assert [user.username for user in page.items] == ["grace", "ada"]
    with pytest.raises(PermissionDeniedError):
        await accounts.list_users(await accounts.caller("ada"), PageRequest())


async def test_roles_are_set_as_a_whole_and_user_stays(accounts: Accounts) -> None:
    user = await accounts.has("ada", Role.STAFF)

    none_left = await accounts.set_roles(user.id, [])
    admin = await accounts.set_roles(user.id, ["Admin", "User", "Admin"])

    assert none_left.roles == {Role.USER}
    assert admin.roles == {Role.ADMIN, Role.USER}
    *_, last = await accounts.store.events.read_stream(user.stream)
    assert last.event == RolesChanged(user.id, ("Admin", "User"), accounts.clock())


@pytest.mark.parametrize(
    ("roles", "field"), [(["User", "admin"], "roles.1"), (["Root"], "roles.0"), (["User"] * 4, "roles")]
)
async def test_what_is_no_role_is_refused(accounts: Accounts, roles: list[str], field: str) -> None:
    user = await accounts.has("ada")

    with pytest.raises(ValidationFailedError) as refusal:
        await accounts.set_roles(user.id, roles)

    assert [error.field for error in refusal.value.field_errors] == [field]


async def test_the_last_admin_is_neither_demoted_nor_deleted(accounts: Accounts) -> None:
    admin = await accounts.has("grace", Role.ADMIN)
    caller = await accounts.caller("grace")

    with pytest.raises(LastAdminError):
        await accounts.set_roles(admin.id, ["Staff"])
    with pytest.raises(LastAdminError):
        await accounts.delete_user(caller, admin.id)

    await accounts.set_roles(admin.id, ["Staff", "Admin"])
    await accounts.has("hedy", Role.ADMIN)
    await accounts.delete_user(caller, admin.id)


async def test_admins_who_demote_each_other_at_once_leave_one(accounts: Accounts) -> None:
    admins = [await accounts.has(name, Role.ADMIN) for name in ("grace", "hedy", "joan")]

    outcomes = await asyncio.gather(
        *(accounts.set_roles(admin.id, []) for admin in admins), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes].count(LastAdminError) == 1


async def test_roles_that_are_given_and_taken_at_once_are_all_given_and_taken(accounts: Accounts) -> None:
    await accounts.has("grace", Role.ADMIN)
    user = await accounts.has("ada", Role.STAFF)

    await asyncio.gather(
        accounts.set_roles.change(user.id, add=[Role.ADMIN]),
        accounts.set_roles.change(user.id, remove=[Role.STAFF]),
    )

    assert (await accounts.store.users.get(user.id)).roles == {Role.USER, Role.ADMIN}


async def test_neither_user_nor_the_last_admins_role_is_taken(accounts: Accounts) -> None:
    admin = await accounts.has("grace", Role.ADMIN)

    with pytest.raises(LastAdminError):
        await accounts.set_roles.change(admin.id, remove=[Role.ADMIN])

    unchanged = await accounts.set_roles.change(admin.id, remove=[Role.USER])
    assert unchanged.roles == {Role.USER, Role.ADMIN}


async def test_a_deleted_account_is_gone_with_its_sessions_and_tokens(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    logged_in = await accounts.enter("ada")
    caller = await accounts.authenticate(logged_in.token.reveal())
    await accounts.request_password_reset("ada@example.com")

    await accounts.delete_user(caller, user.id)

    with pytest.raises(UserNotFoundError):
        await accounts.store.users.get(user.id)
    for token in (logged_in.token.reveal(), logged_in.access_token.token):
        with pytest.raises(SessionExpiredError):
            await accounts.authenticate(token)
    with pytest.raises(SessionExpiredError):
        await accounts.issue_access_token(logged_in.token.reveal())
    with pytest.raises(ValidationFailedError):
        await accounts.verify_email(accounts.mailed_token())
    assert await accounts.story(user.stream) == ["UserRegistered", "UserDeleted"]
    assert await accounts.story(logged_in.session.stream) == ["UserLoggedIn", "SessionEnded"]


async def test_an_account_is_deleted_by_its_owner_or_an_admin(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    await accounts.has("grace", Role.ADMIN)
    await accounts.has("mallory", Role.STAFF)

    with pytest.raises(UserNotFoundError):
        await accounts.delete_user(await accounts.caller("mallory"), user.id)
    await accounts.delete_user(await accounts.caller("grace"), user.id)
    with pytest.raises(UserNotFoundError):
        await accounts.delete_user(await accounts.caller("grace"), user.id)


async def test_a_denial_is_recorded_with_who_asked_and_for_what(accounts: Accounts) -> None:
    user = await accounts.has("ada")

    caller = await accounts.caller("ada")
    await accounts.record_denial(caller, "set_roles", Permission.USERS_WRITE)
    await accounts.record_denial(caller, "show_user")

    recorded = await accounts.store.events.read_stream(StreamId("access", user.id))
    assert [each.event for each in recorded] == [
        AccessDenied(user.id, "set_roles", "users:write", accounts.clock()),
        AccessDenied(user.id, "show_user", None, accounts.clock()),
    ]


async def test_no_event_says_more_of_a_person_than_their_id(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    logged_in = await accounts.enter("ada")
    await accounts.request_password_reset("ada@example.com")
    await accounts.delete_user(await accounts.authenticate(logged_in.token.reveal()), user.id)

    told = str([recorded.event for recorded in await accounts.store.events.read_all()])

    for personal in ("ada", "example.com", "192.0.2", "argon2", "browser", logged_in.token.reveal()):
        assert personal not in told


def test_roles_add_up_and_the_wider_scope_counts() -> None:
    user, staff = grants_of([Role.USER]), grants_of([Role.STAFF, Role.USER])

    assert user[Permission.PAYMENTS_READ] is Scope.OWN
    assert staff[Permission.PAYMENTS_READ] is Scope.ANY
    assert grants_of([Role.USER, Role.STAFF]) == staff
    assert grants_of([]) == {}


def test_an_admin_may_everything_and_every_role_has_its_policy() -> None:
    assert set(POLICY) == set(Role)
    assert POLICY[Role.ADMIN] == dict.fromkeys(Permission, Scope.ANY)
