"""The service as a process: it starts, is told to stop, is killed, and starts again with all it had."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import field, frozen

from builders import A_CUSTOMER, APPROVED, SLOW
from builders.shop import PAYMENTS, a_card_body, a_payment_body
from system.service import Service, Start, environment, quayside, until

ADMIN = {"bootstrap_admin": "root:root@shop.example:Correct-Horse-1", "breach_check_url": "off"}


@frozen
class Till:
    """
    A service, and somebody who pays there.

    Args:
        token: Of their session.
    """

    service: Service
    token: str
    requests: ThreadPoolExecutor = field(factory=ThreadPoolExecutor)

    @classmethod
    def at(cls, service: Service) -> "Till":
        login = {"username": "root", "password": "Correct-Horse-1"}
        return cls(service, service.ask("POST", "/api/v1/auth/login", login).json()["token"])

    def pay(self, card_number: str = APPROVED) -> httpx.Response:
        body = a_payment_body(paying_card_details=a_card_body(card_number, expiry_year=2099))
        return self.service.ask("POST", PAYMENTS, body, token=self.token)

    def show(self, path: str) -> Any:
        return self.service.ask("GET", PAYMENTS + path, token=self.token).json()

    def pay_slowly(self) -> "Future[httpx.Response]":
        """A payment whose gateway takes seconds; this returns when the request is being worked on."""
        answer = self.requests.submit(self.pay, SLOW)
        until(lambda: self.show("?status=Pending")["data"])
        return answer


def accepts_connections(service: Service) -> bool:
    address = httpx.URL(service.url)
    with socket.socket() as attempt:
        return attempt.connect_ex((address.host, address.port)) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory whose database all tests here share, as the starts of one service do."""
    return tmp_path_factory.mktemp("service")


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    services: list[Service] = []

    def started(**settings: str) -> Service:
        services.append(Service.started(folder, **ADMIN, **settings))
        return services[-1]

    yield started
    for service in services:
        service.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_the_request_in_flight_and_ends_well(
    start: Start, stop: signal.Signals
) -> None:
    service = start()
    answer = Till.at(service).pay_slowly()

    service.process.send_signal(stop)
    until(lambda: not accepts_connections(service))

    assert not answer.done()
    assert answer.result().status_code == 201
    assert answer.result().json()["status"] == "Completed"
    assert answer.result().headers["Connection"] == "close"  # or its client would ask on where nobody reads
    assert service.process.wait(10) == 0
    assert [line["event"] for line in service.log_lines()][-1] == "stopped"


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(start: Start, second: signal.Signals) -> None:
    service = start()
    answer = Till.at(service).pay_slowly()
    service.process.send_signal(signal.SIGTERM)
    until(lambda: not accepts_connections(service))

    service.process.send_signal(second)

    assert service.process.wait(10) == -second
    assert isinstance(answer.exception(), httpx.TransportError)


def test_it_waits_no_longer_for_requests_than_it_is_set_to(start: Start) -> None:
    service = start(shutdown_timeout_s="1")
    answer = Till.at(service).pay_slowly()

    service.process.send_signal(signal.SIGTERM)

    assert service.process.wait(10) == 0
    assert answer.exception() is not None or answer.result().status_code >= 500


def test_killed_and_started_again_it_has_every_payment(start: Start) -> None:
    service = start()
    till = Till.at(service)
    paid = [till.pay() for _ in range(3)]
    service.process.kill()
    service.process.wait()

    again = start()

    for answer in paid:
        assert answer.status_code == 201
        assert Till(again, till.token).show(f"/{answer.json()['id']}") == answer.json()


def test_the_command_line_sees_the_payments_of_the_service_beside_it(start: Start, folder: Path) -> None:
    service = start()
    payment = Till.at(service).pay().json()

    listed = quayside("payments", "list", "--customer-id", str(A_CUSTOMER), "--json", cwd=folder)
    shown = quayside("payments", "show", payment["id"], "--json", cwd=folder)
    table = quayside("payments", "list", "--page-size", "1", cwd=folder)
    facts = quayside("payments", "show", payment["id"], cwd=folder)

    assert json.loads(listed.stdout)["data"][0] == payment
    assert json.loads(shown.stdout) == payment
    assert payment["id"] in table.stdout
    assert ["amount", "19.99"] in [line.split() for line in facts.stdout.splitlines()]
    assert service.process.poll() is None


def test_a_database_in_use_is_up_to_date(start: Start, folder: Path) -> None:
    start()

    result = quayside("migrate", "--dry-run", "--json", cwd=folder)

    assert json.loads(result.stdout) == {"dry_run": True, "steps": []}


def test_a_fresh_database_tells_its_steps_before_it_takes_them(tmp_path: Path) -> None:
    due = json.loads(quayside("migrate", "--dry-run", "--json", cwd=tmp_path).stdout)["steps"]
    taken = json.loads(quayside("migrate", "--json", cwd=tmp_path).stdout)["steps"]
    again = quayside("migrate", cwd=tmp_path)

    assert due == taken != []
    assert again.stdout == "The database is up to date.\n"


def test_a_taken_port_is_one_message_before_any_data_is_touched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        result = quayside("serve", "--port", port, cwd=tmp_path)

    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(
        f"quayside: cannot_listen: Cannot listen on 127.0.0.1:{port}: Address already in use."
    )
    assert list(tmp_path.iterdir()) == []


def test_of_two_services_started_at_once_on_one_port_one_serves(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "quayside", "serve", "--port", port]
    settings = environment({**ADMIN, "storage": "memory"})
    both = [subprocess.Popen(command, cwd=tmp_path, env=settings, stderr=subprocess.PIPE) for _ in range(2)]

    until(lambda: any(one.poll() is not None for one in both))
    loser, winner = sorted(both, key=lambda one: one.poll() is None)
    winner.terminate()

    assert loser.returncode == 1
    assert loser.communicate()[1].splitlines()[-1].startswith(b"quayside: cannot_listen: ")
    assert b'"listening"' in winner.communicate(timeout=10)[1]
    assert winner.returncode == 0


def test_logs_are_json_on_standard_error_and_standard_output_stays_empty(start: Start) -> None:
    service = start(storage="memory")
    Till.at(service).pay()

    service.process.send_signal(signal.SIGTERM)
    output, _ = service.process.communicate(timeout=10)

    assert output == b""
    assert all(line["level"] == "info" for line in service.log_lines())
    assert APPROVED not in service.log.read_text()
