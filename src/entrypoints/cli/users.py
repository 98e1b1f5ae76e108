"""`quayside users`."""

import asyncio
from collections.abc import Collection
from uuid import UUID

import rich_click as click

from ...core.identity import Registration, Role, SessionId, User, principal_of
from ...core.kernel import NotFoundError, PageRequest, Secret, UserId
from ...core.kernel.validation import normalized
from ..api.identity_answers import SessionResponse, SessionsResponse, UserListResponse, UserResponse
from ..api.queries import QueryReading
from ..composition import Application, composed
from ..first_admin import random_password
from ..settings import Settings
from .output import json_option, print_facts, print_json, print_table
from .passwords import read_password, stdin_option
from .start import start

who = click.argument("who")
roles_argument = click.argument(
    "roles", nargs=-1, required=True, type=click.Choice([Role.STAFF, Role.ADMIN], case_sensitive=False)
)


@click.group()
def users() -> None:
    """
    Look after accounts.

    WHO is a username, an e-mail address or an id. What is changed counts within a second in every process that serves.
    """


@users.command("create-admin")
@click.argument("username")
@click.argument("email")
@stdin_option
@json_option
def create_admin(*, username: str, email: str, from_stdin: bool, as_json: bool) -> None:
    """Make an account that may do everything. Asks for its password."""
    settings = start()
    password = read_password(from_stdin=from_stdin)
    wanted = Registration(normalized(username), normalized(email), password)
    _print_user(asyncio.run(_create_admin(settings, wanted)), as_json=as_json)


@users.command("list")
@click.option("--page", help="Which page, from 1.")
@click.option("--page-size", help="Accounts on a page, 1-100; 20 by default.")
@json_option
def list_users(*, page: str | None, page_size: str | None, as_json: bool) -> None:
    """List accounts, newest first."""
    reading = QueryReading()
    which = reading.page(page, page_size)
    reading.check()
    found = asyncio.run(_list(start(), which))
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "created at", "username", "e-mail", "roles"),
        (
            (it.id, f"{it.created_at:%Y-%m-%d %H:%M:%S}", it.username, it.email, ", ".join(sorted(it.roles)))
            for it in found.data
        ),
    )
    click.echo(f"{found.total_count} accounts, page {found.page} of {found.total_pages or 1}", err=True)


@users.command()
@who
@roles_argument
@json_option
def grant(*, who: str, roles: tuple[Role, ...], as_json: bool) -> None:
    """Give an account these roles, Staff or Admin, beside those it has."""
    _print_user(asyncio.run(_change_roles(start(), who, add=roles)), as_json=as_json)


@users.command()
@who
@roles_argument
@json_option
def revoke(*, who: str, roles: tuple[Role, ...], as_json: bool) -> None:
    """Take these roles, Staff or Admin, from an account; the last Admin stays one."""
    _print_user(asyncio.run(_change_roles(start(), who, remove=roles)), as_json=as_json)


@users.command("reset-password")
@who
@click.option(
    "--generate", is_flag=True, help="Make a random password and print it, instead of asking for one."
)
@stdin_option
def reset_password(*, who: str, generate: bool, from_stdin: bool) -> None:
    """Set another password; every session of the account ends. Asks for the password."""
    if generate and from_stdin:
        raise click.UsageError("A password is either generated or read.")
    settings = start()
    password = random_password() if generate else read_password(from_stdin=from_stdin)
    asyncio.run(_replace_password(settings, who, password))
    if generate:
        click.echo(password.reveal())


@users.command()
@who
@json_option
def sessions(*, who: str, as_json: bool) -> None:
    """List the sessions of an account that are alive, newest first."""
    shown = asyncio.run(_sessions(start(), who))
    if as_json:
        print_json(SessionsResponse(shown))
        return
    print_table(
        ("id", "created at", "last activity at", "ip address", "user agent"),
        (
            (
                it.id,
                f"{it.created_at:%Y-%m-%d %H:%M:%S}",
                f"{it.last_activity_at:%Y-%m-%d %H:%M:%S}",
                it.ip_address or "-",
                it.user_agent or "-",
            )
            for it in shown
        ),
    )


@users.command("end-sessions")
@who
def end_sessions(*, who: str) -> None:
    """End every session of an account; whoever uses it has to log in again."""
    asyncio.run(_end_sessions(start(), who))


def _print_user(shown: UserResponse, *, as_json: bool) -> None:
    if as_json:
        print_json(shown)
    else:
        print_facts(shown)


async def _create_admin(settings: Settings, wanted: Registration) -> UserResponse:
    async with composed(settings) as application:
        user = await application.identity.register_user(wanted, roles=[Role.ADMIN])
        return await UserResponse.shown(user, application.identity.orders)


async def _list(settings: Settings, which: PageRequest) -> UserListResponse:
    async with composed(settings) as application:
        found = await application.storage.users.list(which)
        return await UserListResponse.shown(found, application.identity.orders)


async def _change_roles(
    settings: Settings, who: str, *, add: Collection[Role] = (), remove: Collection[Role] = ()
) -> UserResponse:
    async with composed(settings) as application:
        user = await found_user(application, who)
        user = await application.identity.set_roles.change(user.id, add=add, remove=remove)
        return await UserResponse.shown(user, application.identity.orders)


async def _replace_password(settings: Settings, who: str, password: Secret) -> None:
    async with composed(settings) as application:
        user = await found_user(application, who)
        await application.identity.replace_password(user.id, password)


async def _sessions(settings: Settings, who: str) -> list[SessionResponse]:
    async with composed(settings) as application:
        user = await found_user(application, who)
        # As the user would see them from a session that is none of these.
        caller = principal_of(user, SessionId(application.new_id()))
        found = await application.identity.list_sessions(caller)
    return [SessionResponse.of(session, caller) for session in found]


async def _end_sessions(settings: Settings, who: str) -> None:
    async with composed(settings) as application:
        user = await found_user(application, who)
        await application.identity.end_sessions(user.id)


async def found_user(application: Application, who: str) -> User:
    """
    The account that *who* names: a username, an e-mail address or an id.

    Raises:
        NotFoundError.
    """
    users = application.storage.users
    try:
        return await users.get(UserId(UUID(who)))
    except ValueError:
        user = await users.find_by_login(normalized(who))
    if user is None:
        raise NotFoundError("There is no such user.")
    return user
