"""No password, token or card number is ever where somebody could read it: logs, events, answers, tables."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from attrs import Factory, define
from psycopg import sql

from builders import APPROVED, DECLINED, UNREACHABLE
from builders.members import V1
from builders.shop import PAYMENTS, a_card_body, a_payment_body
from quayside.adapters.embedded.home import Home
from system.identity.people import ADMIN, ADMIN_PASSWORD, LOGIN, ME, address_of, mailed_tokens
from system.service import Service, Start, until

USERNAME = "keeper_of_secrets"
PASSWORD = "First Zanzibar Umbrella 71"
CHANGED = "Second Mozambique Trombone 82"
RESET = "Third Kathmandu Harpsichord 93"
WRONG = "Fourth Reykjavik Accordion 64"
WEAK = "fifth-samarkand-bassoon"
SIGNING_KEY = "sixth-ouagadougou-glockenspiel-of-32-bytes"
CVV = "739"

# Each of them makes the database show the row that it refuses.
TABLES = ("user_account", "session", "one_time_token", "payment")


@define(eq=False)
class Run:
    """
    All that was asked of a service, and what came of it.

    Args:
        secrets: By what they are.
        answers: By what was asked, without the tokens that a login hands out on purpose.
        tables: Every row as text, by table, when there was most to see and at the end.
    """

    service: Service
    secrets: dict[str, str]
    answers: list[tuple[str, str]] = Factory(list)
    tables: list[tuple[str, str]] = Factory(list)

    def ask(self, method: str, path: str, body: object = None, *, token: str | None = None) -> httpx.Response:
        answer = self.service.ask(method, path, body, token=token)
        text = f"{answer.headers.multi_items()}\n{answer.text}"
        if answer.is_success and path in {LOGIN, f"{V1}/auth/token"}:
            for name in {"token", "access_token"} & answer.json().keys():
                secret = answer.json()[name]
                self.secrets[f"{name} {len(self.secrets)}"] = secret
                text = text.replace(secret, "")
        self.answers.append((f"{method} {path}", text))
        return answer

    def log_in(self, password: str, username: str = USERNAME) -> dict[str, Any]:
        login: dict[str, Any] = self.ask("POST", LOGIN, {"username": username, "password": password}).json()
        return login

    def found_in(self, text: str) -> list[str]:
        """What *text* gives away, as it is or in the hexadecimal of a column of bytes."""
        found = [
            name
            for name, secret in self.secrets.items()
            if secret in text or json.dumps(secret)[1:-1] in text or secret.encode().hex() in text
        ]
        # Three digits are bound to be somewhere; not as a value of their own.
        return found + ["cvv"] * bool(re.search(rf"""["'=(,]{CVV}\b""", text))

    def found_among(self, texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        return {name: found for name, text in texts if (found := self.found_in(text))}


def database_of(service: Service) -> psycopg.Connection:
    return psycopg.connect(Home.below(service.folder / ".quayside").url, autocommit=True)


def written_down(service: Service) -> list[tuple[str, str]]:
    """Every table as text."""
    with database_of(service) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return [
            (
                name,
                "\n".join(
                    row
                    for (row,) in connection.execute(
                        sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))
                    )
                ),
            )
            for (name,) in names.fetchall()
        ]


def mailed_token(run: Run) -> str:
    """The token of the next letter, a secret from now on."""
    folder = run.service.folder / "mail"
    known = set(run.secrets.values())
    until(lambda: set(mailed_tokens(folder)) - known)
    [token] = set(mailed_tokens(folder)) - known
    run.secrets[f"mailed token {len(run.secrets)}"] = token
    return token


def live_an_account(run: Run) -> tuple[str, str]:
    """Everything that people do with an account, well and badly; gives its id and a token of its session."""
    email = address_of(USERNAME)
    for password in (WEAK, PASSWORD, PASSWORD):
        run.ask("POST", f"{V1}/auth/register", {"username": USERNAME, "email": email, "password": password})
    run.ask("POST", f"{V1}/auth/password-strength", {"password": PASSWORD, "user_inputs": [PASSWORD]})
    run.log_in(WRONG)
    run.log_in(WRONG, "nobody_knows")
    run.log_in(WRONG, PASSWORD)  # in the wrong field
    run.ask("POST", LOGIN, {"username": USERNAME, "passwort": PASSWORD})
    run.ask("POST", LOGIN, {"username": USERNAME, "password": [PASSWORD]})
    login = run.log_in(PASSWORD)
    token, access_token = login["token"], login["access_token"]
    for shown in (token, access_token, f"{access_token}x", f"{token[:-1]}!"):
        run.ask("GET", ME, token=shown)
        run.ask("POST", f"{V1}/auth/token", token=shown)
    run.ask("GET", f"{V1}/auth/sessions", token=token)

    run.ask("POST", f"{V1}/auth/email-verification", token=token)
    verification = mailed_token(run)
    for _ in range(2):
        run.ask("POST", f"{V1}/auth/email-verification/confirm", {"token": verification})
    run.ask("POST", f"{V1}/auth/password-reset", {"email": email})
    reset = mailed_token(run)
    for password in (WEAK, RESET, RESET):
        run.ask("POST", f"{V1}/auth/password-reset/confirm", {"token": reset, "new_password": password})
    run.ask("GET", ME, token=token)
    token = run.log_in(RESET)["token"]
    user_id = run.ask("GET", ME, token=token).json()["id"]
    account = f"{V1}/users/{user_id}"
    for current in (WRONG, RESET):
        change = {"current_password": current, "new_password": CHANGED}
        run.ask("POST", f"{account}/password", change, token=token)
    for current in (WRONG, CHANGED):
        run.ask("PATCH", account, {"email": f"new.{email}", "current_password": current}, token=token)
    return user_id, token


def pay(run: Run, token: str) -> None:
    """Payments that are taken, refused, and not understood."""
    for number in (APPROVED, DECLINED, UNREACHABLE):
        card = a_card_body(number, expiry_year=2099, cvv=CVV)
        body = a_payment_body(paying_card_details=card)
        misplaced = {"amount": number, "paying_card_details": [card]}
        for asked in (body, body | misplaced, card):
            run.ask("POST", PAYMENTS, asked, token=token)
    run.ask("GET", PAYMENTS, token=token)


def meet_a_broken_database(run: Run, token: str) -> None:
    """Everything fails where it is written, and whoever logs that has the whole row at hand."""
    refused = sql.SQL("ALTER TABLE {} ADD CONSTRAINT refused CHECK (false) NOT VALID")
    with database_of(run.service) as connection:
        for table in map(sql.Identifier, TABLES):
            connection.execute(refused.format(table))
        registration = {"username": "unlucky", "email": address_of("unlucky"), "password": PASSWORD}
        statuses = [
            run.ask("POST", f"{V1}/auth/register", registration).status_code,
            run.ask("POST", LOGIN, {"username": USERNAME, "password": CHANGED}).status_code,
            run.ask("POST", PAYMENTS, a_payment_body(), token=token).status_code,
        ]
        assert statuses == [500] * 3
        run.ask("POST", f"{V1}/auth/password-reset", {"email": f"new.{address_of(USERNAME)}"})
        until(lambda: run.service.logged("background work failed"))
        for table in map(sql.Identifier, TABLES):
            connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT refused").format(table))


@pytest.fixture(scope="module")
def run(start: Start, folder: Path) -> Run:
    """The life of an account, from registration to deletion, on a PostgreSQL whose log we can read, too."""
    service = start(database_url="", mail_dir=str(folder / "mail"), log_level="debug", jwt_secret=SIGNING_KEY)
    secrets = {
        "password": PASSWORD,
        "changed password": CHANGED,
        "reset password": RESET,
        "wrong password": WRONG,
        "weak password": WEAK,
        "the Admin's password": ADMIN_PASSWORD,
        "card number": APPROVED,
        "declined card number": DECLINED,
        "unreachable card number": UNREACHABLE,
        "password hash": "$argon2",
        "signing key": SIGNING_KEY,
    }
    run = Run(service, secrets)
    user_id, token = live_an_account(run)
    pay(run, token)
    meet_a_broken_database(run, token)
    run.ask("GET", f"{V1}/users", token=token)  # is not allowed to
    run.tables += written_down(service)
    admin = run.log_in(ADMIN_PASSWORD, ADMIN)["token"]
    run.ask("PUT", f"{V1}/users/{user_id}/roles", {"roles": ["Staff"]}, token=admin)
    run.ask("GET", f"{V1}/users", token=admin)
    run.ask("DELETE", f"{V1}/users/{user_id}", token=token)
    run.ask("POST", f"{V1}/auth/logout", token=admin)
    for path in ("/metrics", "/health", "/version", "/.well-known/jwks.json"):
        run.ask("GET", path)
    run.tables += written_down(service)
    return run


def test_the_run_saw_what_it_is_about(run: Run) -> None:
    assert len(run.secrets) == 20, run.secrets.keys()
    assert {name for name, _ in run.tables} > {*TABLES, "events"}
    assert run.found_in(f"x{APPROVED}y") == ["card number"]
    assert run.found_in(f'"cvv":"{CVV}"') == ["cvv"]


def test_no_secret_is_in_a_log_line(run: Run) -> None:
    logs = [(path.name, path.read_text()) for path in run.service.folder.rglob("*.log")]

    assert {name.partition("-")[0] for name, _ in logs} == {"serve", "postgres.log"}
    assert run.found_among(logs) == {}


def test_no_secret_is_in_an_event(run: Run) -> None:
    events = [text for name, text in run.tables if name == "events"]

    assert "LoginRefused" in events[0]
    assert "UserDeleted" in events[1]
    assert run.found_in("".join(events)) == []


def test_no_secret_is_in_an_answer_but_those_that_a_login_hands_out(run: Run) -> None:
    assert run.found_among(run.answers) == {}


def test_nothing_in_the_database_is_of_use_to_whoever_reads_it(run: Run) -> None:
    assert run.found_among(run.tables) == {"user_account": ["password hash"]}
