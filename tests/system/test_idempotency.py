"""One key, two processes on one database, and one of them killed in the middle."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import psycopg
import pytest

from builders import APPROVED, SLOW
from builders.shop import PAYMENTS, a_card_body, a_payment_body
from postgres_databases import new_database, url_of
from system.service import Service, until

SETTINGS = {
    "bootstrap_admin": "root:root@shop.example:Correct-Horse-1",
    "breach_check_url": "off",
    "request_timeout_s": "4",  # so that a claim's lease is 14 s
}


@pytest.fixture
def own_database(embedded_server: str) -> Iterator[str]:
    """On one server only: of what keys need of theirs, each is asked in `tests/contract/test_idempotency_keys.py`."""
    with new_database(embedded_server) as conninfo:
        yield conninfo


@pytest.fixture
def services(tmp_path: Path, own_database: str) -> Iterator[tuple[Service, Service]]:
    """
    Two services on one database, and with one data folder, as the workers of one host have.

    Nobody settles what they leave open: that is up to whoever asks again.
    """
    url = url_of(own_database)
    started: list[Service] = []
    try:
        started.append(Service.started(tmp_path, "--no-worker", database_url=url, **SETTINGS))
        started.append(Service.started(tmp_path, "--no-worker", database_url=url, **SETTINGS))
        yield started[0], started[1]
    finally:
        for service in started:
            service.kill()


@pytest.fixture
def token(services: tuple[Service, Service]) -> str:
    login = {"username": "root", "password": "Correct-Horse-1"}
    session: str = services[0].ask("POST", "/api/v1/auth/login", login).json()["token"]
    return session


def pay(service: Service, token: str, key: str, card: str = APPROVED) -> httpx.Response:
    body = a_payment_body(paying_card_details=a_card_body(card, expiry_year=2099))
    return service.ask("POST", PAYMENTS, body, token=token, **{"Idempotency-Key": key})


def payments(service: Service, token: str) -> list[Any]:
    found: list[Any] = service.ask("GET", PAYMENTS, token=token).json()["data"]
    return found


def at_gateway(database: str) -> list[str]:
    """What the sandbox did for each hold that it was asked for."""
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT document::json -> 'operations' -> 0 ->> 1 FROM sandbox_document")
        return [kind for (kind,) in rows]


def test_twenty_requests_at_two_processes_make_one_payment(
    services: tuple[Service, Service], token: str, own_database: str
) -> None:
    with ThreadPoolExecutor(20) as clients:
        answers = list(clients.map(lambda n: pay(services[n % 2], token, "one"), range(20)))

    again = [pay(service, token, "one") for service in services]
    taken = {answer.content for answer in [*answers, *again] if answer.status_code == 201}
    assert len(taken) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(payments(services[0], token)) == 1
    assert at_gateway(own_database) == ["capture"]


def test_what_a_killed_process_had_begun_is_finished_by_the_other_and_charged_once(
    services: tuple[Service, Service], token: str, own_database: str
) -> None:
    doomed, other = services
    with ThreadPoolExecutor(1) as client:

        def lost() -> None:
            with suppress(httpx.TransportError):
                pay(doomed, token, "two", SLOW)

        request = client.submit(lost)
        until(lambda: payments(other, token))
        doomed.process.kill()
        request.result()
    [begun] = payments(other, token)
    too_early = pay(other, token, "two", SLOW)

    def is_over() -> bool:
        sleep(0.2)  # or it is as many requests as a caller may send
        return pay(other, token, "two", SLOW).status_code != 409

    until(is_over)

    answer = pay(other, token, "two", SLOW)
    assert too_early.json()["error"]["code"] == "idempotency_in_progress"
    assert begun["status"] == "Pending"
    assert (answer.status_code, answer.json()["id"]) == (201, begun["id"])
    assert answer.headers["idempotent-replayed"] == "true"
    assert [payment["status"] for payment in payments(other, token)] == ["Completed"]
    assert at_gateway(own_database) == ["capture"]
