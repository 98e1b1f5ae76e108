"""Several processes that serve one port: they stop together, and none is left behind."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from builders import SLOW
from builders.shop import PAYMENTS, a_card_body, a_payment_body
from system.service import Service, quayside, until

_ADMIN = "root:root@shop.example:Correct-Horse-1"


def accepts_connections(service: Service) -> bool:
    address = httpx.URL(service.url)
    with socket.socket() as attempt:
        return attempt.connect_ex((address.host, address.port)) == 0


def workers_of(service: Service) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(service.process.pid), "-f", "spawn_main"], capture_output=True, check=True
    )
    return [int(pid) for pid in found.stdout.split()]


def is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False).stdout
    return bool(state) and not state.startswith(b"Z")  # dead, but not asked for yet by whoever inherited it


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workers")


@pytest.fixture
def service(folder: Path) -> Iterator[Service]:
    started = Service.started(folder, workers="2", breach_check_url="off", bootstrap_admin=_ADMIN)
    until(lambda: len(started.logged("listening")) == 2)
    yield started
    started.kill()


def test_told_to_stop_all_of_them_finish_the_requests_in_flight(service: Service) -> None:
    login = {"username": "root", "password": "Correct-Horse-1"}
    token = service.ask("POST", "/api/v1/auth/login", login).json()["token"]
    body = a_payment_body(paying_card_details=a_card_body(SLOW, expiry_year=2099))
    workers = workers_of(service)

    with ThreadPoolExecutor() as callers:
        answers = [callers.submit(service.ask, "POST", PAYMENTS, body, token=token) for _ in range(4)]
        until(
            lambda: service.ask("GET", f"{PAYMENTS}?status=Pending", token=token).json()["total_count"] == 4
        )
        service.process.send_signal(signal.SIGTERM)

    assert [answer.result().status_code for answer in answers] == [201] * 4
    assert service.process.wait(20) == 0
    assert len(workers) == 2
    assert not any(map(is_running, workers))
    assert len(service.logged("stopping")) == 2


def test_one_that_dies_is_replaced(service: Service) -> None:
    first, second = workers_of(service)

    os.kill(first, signal.SIGKILL)
    until(lambda: len(service.logged("listening")) == 3)

    assert service.logged("worker died")[0]["exit_code"] == -signal.SIGKILL
    assert second in workers_of(service)
    assert len(workers_of(service)) == 2
    assert service.ask("GET", "/health/ready").status_code == 200


def test_none_outlives_the_process_that_started_them(service: Service) -> None:
    workers = workers_of(service)

    service.process.kill()

    until(lambda: not accepts_connections(service))
    until(lambda: not any(map(is_running, workers)))


def test_the_one_that_started_them_tells_of_what_reacts_to_events(tmp_path: Path) -> None:
    service = Service.started(
        tmp_path, workers="2", operations_port="0", breach_check_url="off", bootstrap_admin=_ADMIN
    )
    try:
        until(lambda: len(service.logged("listening")) == 3)
        urls = [each["url"] for each in service.logged("listening")]
        [operations] = [url for url in urls if urls.count(url) == 1]  # the other port is shared

        told = httpx.get(f"{operations}/metrics").text

        assert 'quayside_subscription_running{subscription="settle-payments"} 1.0' in told
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(20) == 0
    finally:
        service.kill()


def test_what_is_kept_in_memory_cannot_be_shared(tmp_path: Path) -> None:
    result = quayside("serve", "--port", "0", cwd=tmp_path, workers="2", storage="memory")

    assert result.returncode == 2
    assert "QUAYSIDE_WORKERS" in result.stderr
