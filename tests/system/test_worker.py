"""Workers beside a service that has none: what is left open is settled, and whoever dies is replaced."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import httpx
import pytest

from builders import ANSWER_LOST
from builders.shop import PAYMENTS
from postgres_databases import delete_all_rows
from quayside.adapters.embedded import embedded_postgres
from quayside.adapters.postgres import migrate
from system.embedded_postgres.processes import hanging
from system.service import environment, quayside, until
from system.till import Till, WorkerProcess

LEASE_S = 5


Work = Callable[..., WorkerProcess]


@pytest.fixture
def till(database: str, tmp_path: Path) -> Iterator[Till]:
    delete_all_rows(database)
    till = Till.opened(tmp_path, database)
    yield till
    till.service.kill()


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

    assert till.holds() == {payment_id: ["capture"]}
    # Degraded, while the database takes a tenth of a second, as on a busy machine.
    until(lambda: httpx.get(f"{operations}/health/ready").json() == {"status": "healthy"})
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


@pytest.mark.parametrize("arguments", [("worker",), ("serve", "--port", "0")])
async def test_a_database_that_hangs_keeps_nobody_from_ending_soon(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    async with embedded_postgres(tmp_path) as url:
        await migrate(url)
        worker = WorkerProcess.at_work(tmp_path, *arguments, database_url=url, breach_check_url="off")
        try:
            until(lambda: len(worker.logged("lease taken")) >= 2)
            with hanging(tmp_path):
                await asyncio.sleep(1)  # by then what looks every so often waits for an answer

                worker.process.send_signal(signal.SIGTERM)

                assert worker.process.wait(8) == 0
            assert worker.logged("stopped")
        finally:
            worker.kill()


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
