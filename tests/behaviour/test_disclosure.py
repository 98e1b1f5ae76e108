"""A secret that comes to light fails the test, whatever it is and wherever that is."""

import json
import logging
from collections.abc import Callable
from contextlib import closing, suppress
from hashlib import sha256
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import click
import httpx
import pytest
import structlog
from click.testing import CliRunner
from structlog.testing import capture_logs

from builders import APPROVED, DECLINED, NOON, PASSWORD, Accounts, Business
from builders.access_tokens import a_principal, access_tokens
from builders.events import Noted
from builders.members import V1
from builders.shop import open_shop, settings_of_a_shop
from disclosure import found, show_logs, shown, typed
from quayside.adapters.security.key_ring import JwtAlgorithm, JwtKey, KeyRing
from quayside.adapters.telemetry.logging import configure_logging
from quayside.core.identity import InvalidCredentialsError, new_token
from quayside.core.kernel import Secret
from quayside.entrypoints import first_admin
from quayside.entrypoints.api.edge import ASGIApp, Receive, Scope, Send
from watched_libraries import watch_logging

TYPED = "Seventh Vladivostok Mandolin 55"
TOKEN = new_token(lambda size: sha256(b"a token").digest()[:size]).reveal()
KEY = JwtKey.generate(JwtAlgorithm.EDDSA)
ACCESS_TOKEN = access_tokens(KeyRing(KEY)).issue(a_principal(), "ada@example.com", at=NOON).token


def answering(body: str, *headers: tuple[str, str]) -> ASGIApp:
    """Something that answers every request with these."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": body.encode()})

    return app


def asking(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test")


def fail() -> NoReturn:
    raise ValueError(TOKEN)


def log() -> None:
    structlog.get_logger().debug("a line", of={"value": TOKEN})


def log_while_captured() -> None:
    with capture_logs():
        structlog.get_logger().info(f"a line of {TOKEN}")


def log_what_the_context_holds() -> None:
    with structlog.contextvars.bound_contextvars(value=TOKEN):
        structlog.get_logger().info("a line")


def log_a_traceback() -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("a line")


def log_by_the_standard_library() -> None:
    logging.getLogger("uvicorn.error").debug("a line of %s", TOKEN)


def log_a_traceback_by_the_standard_library() -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger().exception("a line")


def print_it() -> None:
    CliRunner().invoke(click.Command("tell", callback=lambda: click.echo(TOKEN, err=True)))


@pytest.mark.parametrize(
    "tell",
    [
        log,
        log_while_captured,
        log_what_the_context_holds,
        log_a_traceback,
        log_by_the_standard_library,
        log_a_traceback_by_the_standard_library,
        print_it,
    ],
)
def test_it_is_found_in_what_is_logged_or_printed(tell: Callable[[], object]) -> None:
    tell()

    assert TOKEN in {secret for _, secret in found()}


def test_a_logger_that_was_used_while_logging_was_set_up_otherwise_is_watched_again() -> None:
    log = vars(first_admin)["_log"]
    configure_logging("info", "json", StringIO())
    log.info("a line")
    watch_logging()

    log.info("a line", value=TOKEN)

    assert TOKEN in {secret for _, secret in found()}


@pytest.mark.parametrize(
    "secret",
    [
        TYPED,
        PASSWORD,
        APPROVED,
        DECLINED,
        "cvv=123",
        '"cvv": "1234"',
        TOKEN,
        ACCESS_TOKEN,
        sha256(TOKEN.encode()).hexdigest(),
        KEY.jwk["d"],
        "BEGIN PRIVATE KEY",
    ],
    ids=count(),
)
@pytest.mark.parametrize("place", ["header", "body"])
async def test_it_is_found_in_an_answer(secret: str, place: str) -> None:
    typed(TYPED)
    app = answering(secret) if place == "body" else answering("", ("x-value", secret))

    async with asking(app) as client:
        await client.get("/anything")

    seen = found()
    assert {where for where, _ in seen} == {"200 to GET /anything"}
    assert all(what in secret for _, what in seen)


async def test_a_hash_of_a_password_is_found() -> None:
    with closing(Accounts()) as accounts:
        shown("anything", await accounts.hasher.hash(Secret("x")))

    assert ("anything", "$argon2") in found()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, {"username": "ada", "password": TYPED}),
        ({}, {"current_password": TYPED}),
        ({}, {"new_password": TYPED}),
        ({}, {"token": TYPED}),
        ({}, {"deeper": [{"card_number": TYPED}]}),
        ({"authorization": f"Bearer {TYPED}"}, {}),
        ({"cookie": f"a=b; session-token={TYPED}; c=d"}, {}),
    ],
)
async def test_what_is_sent_as_a_secret_is_one(headers: dict[str, str], body: dict[str, Any]) -> None:
    async with asking(answering(f"<{TYPED}>")) as client:
        await client.post("/anything", headers=headers, json=body)

    assert found() == [("200 to POST /anything", TYPED)]


def test_an_answer_to_a_client_that_does_not_wait_is_looked_at_too() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=TOKEN))

    with httpx.Client(transport=transport, base_url="http://shop.test") as client:
        client.get("/anything")

    assert found() == [("200 to GET /anything", TOKEN)]


async def test_a_login_hands_its_tokens_out_and_nothing_else_does() -> None:
    answer = json.dumps({"token": TOKEN, "access_token": ACCESS_TOKEN}, separators=(",", ":"))

    async with asking(answering(answer, ("set-cookie", f"session-token={TOKEN}"))) as client:
        await client.post(f"{V1}/auth/login")
        handed_out = found()
        await client.post(f"{V1}/auth/register")

    assert handed_out == []
    assert {secret for _, secret in found()} == {TOKEN, *ACCESS_TOKEN.split(".")[:2]}


async def test_events_of_a_shop_are_looked_at() -> None:
    async with open_shop() as shop, shop.application.storage.begin() as tx:
        await tx.audit.record(None, Noted(TOKEN))

    assert found() == [("event", TOKEN)]


async def test_events_of_use_cases_are_looked_at() -> None:
    async with Business().store.begin() as tx:
        await tx.audit.record(None, Noted(TOKEN))
    with closing(Accounts()) as accounts:
        async with accounts.store.begin() as tx:
            await tx.audit.record(None, Noted(TOKEN))

    assert found() == [("event", TOKEN)] * 2


async def test_the_secrets_of_settings_are_known() -> None:
    async with open_shop(settings_of_a_shop(jwt_secret=TYPED * 2)):
        shown("anything", TYPED * 2)

    assert found() == [("anything", TYPED * 2)]


async def test_every_password_of_a_use_case_is_known() -> None:
    with closing(Accounts()) as accounts:
        await accounts.has("ada", password=f"{TYPED}!")
        with suppress(InvalidCredentialsError):
            await accounts.enter("ada", f"{TYPED}?")
    shown("anything", f"{TYPED}! {TYPED}?")

    assert {secret for _, secret in found()} == {f"{TYPED}!", f"{TYPED}?"}


def test_logs_in_files_are_looked_at_for_all_that_was_ever_typed(tmp_path: Path) -> None:
    log = tmp_path / "deeper" / "serve-1.log"
    log.parent.mkdir()
    log.write_text(f"a line of {TYPED}")
    typed(TYPED)
    assert found() == []

    show_logs(tmp_path)
    log.unlink()  # or it would be found once more, when the run is over

    assert found() == [(str(log), TYPED)]


def test_what_was_typed_in_another_test_is_no_secret_of_this_one() -> None:
    typed(TYPED)
    assert found() == []

    shown("anything", TYPED)

    assert found() == []
