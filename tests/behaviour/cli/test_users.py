"""Accounts and keys from the command line: whoever runs the service needs no token."""

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from builders.shop import an_application
from quayside.core.identity import Device, InvalidCredentialsError, LoggedIn
from quayside.core.kernel import Secret
from quayside.entrypoints.cli.main import quayside
from quayside.entrypoints.settings import load_settings

pytestmark = pytest.mark.usefixtures("shared_database")

PASSWORD = "Analytical Engine 1843"
ANOTHER = "Difference Engine 1822"


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(quayside, arguments, input=typed, catch_exceptions=False)


def user(*arguments: str, typed: str | None = None) -> dict[str, Any]:
    """The account that a command prints."""
    result = run("users", *arguments, "--json", typed=typed)
    assert result.exit_code == 0, result.output
    shown: dict[str, Any] = json.loads(result.stdout)
    return shown


def an_admin(username: str = "Ada") -> dict[str, Any]:
    arguments = ("create-admin", username, f"{username}@shop.example", "--password-stdin")
    return user(*arguments, typed=f"{PASSWORD}\n")


def log_in(username: str, password: str) -> LoggedIn:
    async def log_in() -> LoggedIn:
        async with an_application(load_settings().settings) as application:
            device = Device("192.0.2.1", "\x1b[31mred")
            return await application.identity.log_in(username, Secret(password), device)

    return asyncio.run(log_in())


def sessions_of(username: str) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = user("sessions", username)["data"]
    return shown


def test_an_admin_is_made_who_can_log_in() -> None:
    made = an_admin("Ada")

    assert (made["username"], made["email"], made["roles"]) == ("Ada", "Ada@shop.example", ["User", "Admin"])
    assert str(log_in("ada", PASSWORD).user.id) == made["id"]


def test_a_password_is_typed_twice_and_not_shown() -> None:
    typed = f"{PASSWORD}\nslip\n{PASSWORD}\n{PASSWORD}\n"

    result = run("users", "create-admin", "Ada", "ada@shop.example", typed=typed)

    assert result.exit_code == 0
    assert result.stderr.count("Password: ") == 2
    assert "Engine" not in result.output
    assert log_in("Ada", PASSWORD).user.username == "Ada"


def test_a_password_is_taken_in_the_form_that_logins_have() -> None:
    decomposed, composed_form = "Schlu\u0308ssel 1843", "Schl\u00fcssel 1843"

    user("create-admin", "Ada", "ada@shop.example", "--password-stdin", typed=f"{decomposed}\n")

    assert log_in("Ada", composed_form).user.username == "Ada"


def test_every_rule_that_a_new_account_breaks_is_told_at_once_and_not_its_password() -> None:
    result = run("users", "create-admin", "A", "nowhere", "--password-stdin", typed="hunter\n")

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    for rule in ("username: ", "email: ", "[too_short]", "[no_upper]", "[no_digit]"):
        assert rule in line
    assert "hunter" not in result.output


def test_a_name_that_is_taken_is_refused() -> None:
    an_admin("Ada")

    result = run("users", "create-admin", "ADA", "other@shop.example", "--password-stdin", typed=PASSWORD)

    assert result.exit_code == 1
    assert result.stderr.startswith("quayside: conflict: ")


def test_accounts_are_listed_newest_first() -> None:
    for username in ("Ada", "Bob", "Cid"):
        an_admin(username)

    page = user("list", "--page-size", "2")

    assert [it["username"] for it in page["data"]] == ["Cid", "Bob"]
    assert page["total_count"] == 3


def test_accounts_are_shown_to_people_as_a_table() -> None:
    made = an_admin("Ada")

    result = run("users", "list")

    assert any(
        line.split()[0::3] == [made["id"], "Ada", "User"]
        for line in result.stdout.splitlines()
        if "Ada" in line
    )
    assert result.stderr == "1 accounts, page 1 of 1\n"


def test_a_page_that_is_none_is_refused() -> None:
    assert run("users", "list", "--page", "first").exit_code == 2


def test_roles_are_given_and_taken_whatever_name_an_account_is_called_by() -> None:
    an_admin("Root")
    ada = an_admin("Ada")

    given = user("grant", ada["username"], "staff")
    taken = user("revoke", ada["email"], "Admin", "Staff")

    assert given["roles"] == ["User", "Staff", "Admin"]
    assert taken["roles"] == ["User"]
    assert user("grant", ada["id"], "staff")["roles"] == ["User", "Staff"]


def test_the_last_admin_stays_one() -> None:
    an_admin("Ada")

    result = run("users", "revoke", "Ada", "Admin")

    assert result.exit_code == 1
    assert result.stderr.startswith("quayside: last_admin: ")


@pytest.mark.parametrize("role", ["User", "Owner"])
def test_no_other_role_is_given_or_taken(role: str) -> None:
    assert run("users", "revoke", "Ada", role).exit_code == 2


def test_another_password_ends_every_session() -> None:
    an_admin("Ada")
    log_in("Ada", PASSWORD)

    result = run("users", "reset-password", "Ada", "--password-stdin", typed=f"{ANOTHER}\n")

    assert (result.exit_code, result.output) == (0, "")
    assert sessions_of("Ada") == []
    assert log_in("Ada", ANOTHER).user.username == "Ada"
    with pytest.raises(InvalidCredentialsError):
        log_in("Ada", PASSWORD)


def test_a_generated_password_is_printed_and_nothing_else() -> None:
    an_admin("Ada")

    result = run("users", "reset-password", "Ada", "--generate")

    (password,) = result.stdout.splitlines()
    assert result.stderr == ""
    assert log_in("Ada", password).user.username == "Ada"


def test_a_password_is_not_generated_and_read_at_once() -> None:
    assert run("users", "reset-password", "Ada", "--generate", "--password-stdin").exit_code == 2


def test_a_new_password_keeps_the_rules() -> None:
    an_admin("Ada")

    result = run("users", "reset-password", "Ada", "--password-stdin", typed="hunter2\n")

    assert result.exit_code == 2
    assert "new_password: " in result.stderr
    assert log_in("Ada", PASSWORD).user.username == "Ada"


def test_sessions_are_listed_newest_first() -> None:
    an_admin("Ada")
    logins = [log_in("Ada", PASSWORD) for _ in range(2)]

    shown = sessions_of("ada@shop.example")

    assert [it["id"] for it in shown] == [str(login.session.id) for login in reversed(logins)]
    assert [it["current"] for it in shown] == [False, False]


def test_what_a_client_calls_itself_gives_no_orders_to_the_terminal() -> None:
    an_admin("Ada")
    log_in("Ada", PASSWORD)

    result = run("users", "sessions", "Ada")

    assert "192.0.2.1" in result.stdout
    assert "\x1b" not in result.stdout


def test_sessions_are_ended() -> None:
    an_admin("Ada")
    log_in("Ada", PASSWORD)

    result = run("users", "end-sessions", "Ada")

    assert (result.exit_code, result.output) == (0, "")
    assert sessions_of("Ada") == []


@pytest.mark.parametrize(
    "command",
    [
        ["grant", "nobody", "Admin"],
        ["revoke", "nobody", "Admin"],
        ["reset-password", "nobody", "--generate"],
        ["sessions", "nobody"],
        ["sessions", "nobody@shop.example"],
        ["sessions", "01900000-0000-7000-8000-000000000000"],
        ["end-sessions", "nobody"],
    ],
)
def test_who_is_nobody_is_refused_by_code(command: list[str]) -> None:
    result = run("users", *command)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("quayside: not_found: ")
