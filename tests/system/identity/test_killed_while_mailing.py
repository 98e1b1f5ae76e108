"""A service that dies between making a token and mailing it leaves nothing half done."""

import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from builders.members import PASSWORD, V1
from system.identity.people import address_of, log_in, mailed_tokens, register
from system.service import Start, until

NEW_PASSWORD = "Difference Engine 1822"


@pytest.fixture
def silent_mail_server() -> Iterator[str]:
    """The URL of a server that lets one connect, and says nothing from then on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"


def kept_tokens(database: str) -> list[bytes]:
    """The hashes of all tokens that could still be used."""
    with psycopg.connect(database) as connection:
        return [digest for (digest,) in connection.execute("SELECT token_hash FROM one_time_token")]


def test_a_reset_that_died_before_its_mail_changes_nothing_and_can_be_asked_for_again(
    start: Start, database: str, folder: Path, silent_mail_server: str
) -> None:
    service = start(smtp_url=silent_mail_server)
    register(service, "forgetful")
    request = {"email": address_of("forgetful")}
    assert service.ask("POST", f"{V1}/auth/password-reset", request).status_code == 202
    until(lambda: kept_tokens(database))
    service.kill()
    [lost] = kept_tokens(database)

    again = start(mail_dir=str(folder / "mail"))
    log_in(again, "forgetful", PASSWORD)
    assert again.ask("POST", f"{V1}/auth/password-reset", request).status_code == 202
    until(lambda: mailed_tokens(folder / "mail"))

    [token] = mailed_tokens(folder / "mail")
    [kept] = kept_tokens(database)
    assert kept != lost
    confirmation = {"token": token, "new_password": NEW_PASSWORD}
    answer = again.ask("POST", f"{V1}/auth/password-reset/confirm", confirmation)
    assert answer.status_code == 204
    log_in(again, "forgetful", NEW_PASSWORD)
    assert kept_tokens(database) == []
