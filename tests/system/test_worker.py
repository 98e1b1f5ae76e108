"""Workers beside a service that has none: what is left open is settled, and whoever dies is replaced."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import psycopg
import pytest
from attrs import define

from builders import ANSWER_LOST, SLOW
from builders.shop import PAYMENTS, a_card_body, a_payment_body
from postgres_databases import delete_all_rows
from quayside.adapters.sandbox.hold import Hold
from system.service import Service, environment, quayside, until
from watched_libraries import show_output

ADMIN = {"bootstrap_admin": "root:root@shop.example:Correct-Horse-1", "breach_check_url": "off"}
LEASE_S = 5


@define(eq=False)
class WorkerProcess:
    """``quayside worker``."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def at_work(cls, folder: Path, **settings: str) -> "WorkerProcess":
        log = folder / f"worker-{monotonic()}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "quayside", "worker"],
                cwd=folder,
                env=environment(settings),
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        worker = cls(process, log)
        try:
            until(lambda: worker.logged("at work") or process.poll() is not None)
            assert process.poll() is None, log.read_text()
        except AssertionError:
            worker.kill()
            raise
        return worker

    @property
    def name(self) -> str:
        """What it signs its leases with."""
        return str(self.logged("at work")[0]["name"])

    def logged(self, event: str) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines(keepends=True)
        return [line for line in map(json.loads, lines) if line["event"] == event]

    def kill(self) -> None:
        with self.process:
            self.process.kill()
        show_output(["worker"], self.log.read_text())


Work = Callable[..., WorkerProcess]


@define(eq=False)
class Till:
    """Where somebody pays, whose requests may be cut off."""

    service: Service
    token: str
    conninfo: str

    def pay(self, card_number: str) -> httpx.Response:
        body = a_payment_body(paying_card_details=a_card_body(card_number, expiry_year=2099))
        return self.service.ask("POST", PAYMENTS, body, token=self.token)

    def open_payments(self) -> list[str]:
        return [str(row[0]) for row in self.rows("SELECT id FROM payment WHERE awaits_since IS NOT NULL")]

    def status(self, payment_id: str) -> str:
        [(status,)] = self.rows("SELECT status FROM payment WHERE id = %s", payment_id)
        return str(status)

    def holds(self) -> list[list[str]]:
        """What the gateway has on its books: what was done with each hold."""
        holds = [Hold.from_json(row[0]) for row in self.rows("SELECT document FROM sandbox_document")]
        return [[operation.kind for operation in hold.operations] for hold in holds]

    def rows(self, query: str, *parameters: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.conninfo) as connection:
            return connection.execute(query.encode(), parameters).fetchall()


@pytest.fixture
def till(database: str, tmp_path: Path) -> Iterator[Till]:
    """At a service without a worker."""
    delete_all_rows(database)
    service = Service.started(tmp_path, "--no-worker", database_url=database, **ADMIN)
    try:
        login = {"username": "root", "password": "Correct-Horse-1"}
        token = service.ask("POST", "/api/v1/auth/login", login).json()["token"]
        till = Till(service, token, database)
        yield till
    finally:
        service.kill()


@pytest.fixture
def work(database: str, tmp_path: Path) -> Iterator[Work]:
    """Puts another worker to work."""
    with ExitStack() as ended:

        def at_work(**settings: str) -> WorkerProcess:
            worker = WorkerProcess.at_work(tmp_path, database_url=database, **settings)
            ended.callback(worker.kill)
            return worker

        yield at_work


def holders(folder: Path, database: str) -> dict[str, str | None]:
    listed = quayside("subscriptions", "list", "--json", cwd=folder, database_url=database)
    return {record["name"]: record["holder"] for record in json.loads(listed.stdout)["data"]}


def test_a_worker_beside_a_service_settles_a_payment_whose_answer_was_lost(till: Till, work: Work) -> None:
    worker = work(operations_port="0")
    until(lambda: worker.logged("listening"))
    operations = worker.logged("listening")[0]["url"]

    till.pay(ANSWER_LOST)
    [(payment_id,)] = till.rows("SELECT id::text FROM payment")
    until(lambda: till.status(payment_id) == "Completed")

    assert till.holds() == [["capture"]]
    assert httpx.get(f"{operations}/health/ready").json() == {"status": "healthy"}
    assert (
        'subscription_events_total{subscription="settle-payments"}' in httpx.get(f"{operations}/metrics").text
    )
    assert httpx.get(f"{operations}{PAYMENTS}").status_code == 404


def test_when_a_worker_is_killed_another_takes_over_within_seconds(
    till: Till, work: Work, database: str, tmp_path: Path
) -> None:
    first = work()
    until(lambda: len(first.logged("lease taken")) >= 2)
    second = work()
    assert set(holders(tmp_path, database).values()) == {first.name}

    first.kill()
    killed_at = monotonic()
    till.pay(ANSWER_LOST)
    [payment_id] = till.open_payments()
    until(lambda: till.status(payment_id) == "Completed")

    assert monotonic() - killed_at < LEASE_S + 5
    assert {lease["subscription"] for lease in second.logged("lease taken")} >= {"settle-payments"}


def test_a_worker_that_is_told_to_stop_ends_soon_and_gives_back_what_it_runs(
    till: Till, work: Work, database: str, tmp_path: Path
) -> None:
    worker = work()
    until(lambda: len(worker.logged("lease taken")) >= 2)

    worker.process.send_signal(signal.SIGTERM)

    assert worker.process.wait(5) == 0
    assert set(holders(tmp_path, database).values()) == {None}
    assert worker.logged("stopped")


def test_a_payment_whose_service_was_killed_before_the_gateway_heard_of_it_fails_and_is_not_charged(
    till: Till, work: Work
) -> None:
    with ThreadPoolExecutor() as requests:
        answer = requests.submit(till.pay, SLOW)
        until(till.open_payments)
        [payment_id] = till.open_payments()
        till.service.kill()
        assert answer.exception()

    work(request_timeout_s="1")
    until(lambda: till.status(payment_id) == "Failed")

    assert till.holds() == []


def test_a_payment_whose_service_was_killed_before_it_wrote_down_the_answer_is_charged_once(
    till: Till, work: Work
) -> None:
    with ThreadPoolExecutor() as requests:
        answer = requests.submit(till.pay, SLOW)
        until(till.open_payments)
        [payment_id] = till.open_payments()
        with psycopg.connect(till.conninfo) as writer:
            writer.execute("SELECT FROM streams WHERE stream_id = %s FOR UPDATE", (payment_id,))
            until(till.holds)
            till.service.kill()
        assert answer.exception()
    assert till.status(payment_id) == "Pending"

    work(request_timeout_s="1")
    until(lambda: till.status(payment_id) == "Completed")

    assert till.holds() == [["capture"]]


def test_what_happens_can_be_watched(till: Till, database: str, tmp_path: Path) -> None:
    watching = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "quayside",
            "events",
            "tail",
            "-f",
            "-n",
            "1",
            "--category",
            "payment",
            "--json",
        ],
        cwd=tmp_path,
        env=environment({"database_url": database}),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with watching:
        try:
            assert watching.stdout is not None
            till.pay(ANSWER_LOST)
            seen: list[str] = []
            while "PaymentOutcomeUnknown" not in seen:
                seen.append(json.loads(watching.stdout.readline())["type"])
            watching.send_signal(signal.SIGINT)
            assert watching.wait(10) == 0
        finally:
            watching.kill()
