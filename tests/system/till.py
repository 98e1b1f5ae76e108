"""Where somebody pays, whose requests may be cut off, and the worker that settles what is left of them."""

import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from attrs import define

from builders import APPROVED
from builders.shop import PAYMENTS, a_card_body, a_payment_body
from quayside.adapters.sandbox.hold import Hold
from system.service import Service, environment, lines_of, until
from watched_libraries import show_output

ADMIN = {"bootstrap_admin": "root:root@shop.example:Correct-Horse-1", "breach_check_url": "off"}


@define(eq=False)
class WorkerProcess:
    """``quayside worker``, or ``quayside serve``, which has a worker of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def at_work(cls, folder: Path, *arguments: str, **settings: str) -> "WorkerProcess":
        log = folder / f"worker-{monotonic()}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "quayside", *(arguments or ["worker"])],
                cwd=folder,
                env=environment(settings),
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        worker = cls(process, log)
        begun = "listening" if "serve" in arguments else "at work"
        try:
            until(lambda: worker.logged(begun) or process.poll() is not None)
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
        return [line for line in lines_of(self.log) if line["event"] == event]

    def kill(self) -> None:
        with self.process:
            self.process.kill()
        show_output(["worker"], self.log.read_text())


@define(eq=False)
class Till:
    """
    At a service without a worker.

    Args:
        token: Of an Admin.
    """

    service: Service
    token: str
    conninfo: str

    @classmethod
    def opened(cls, folder: Path, database: str) -> "Till":
        service = Service.started(folder, "--no-worker", database_url=database, **ADMIN)
        login = {"username": "root", "password": "Correct-Horse-1"}
        token = service.ask("POST", "/api/v1/auth/login", login).json()["token"]
        return cls(service, token, database)

    def pay(self, card_number: str = APPROVED, **changes: Any) -> httpx.Response:
        body = a_payment_body(paying_card_details=a_card_body(card_number, expiry_year=2099)) | changes
        return self.ask(PAYMENTS, body)

    def ask(self, path: str, body: object) -> httpx.Response:
        """Ask for something by POST, under a key of its own."""
        return self.service.ask("POST", path, body, token=self.token, **{"Idempotency-Key": str(uuid4())})

    def open_payments(self) -> list[str]:
        return [str(row[0]) for row in self.rows("SELECT id FROM payment WHERE awaits_since IS NOT NULL")]

    def status(self, payment_id: str) -> str:
        [(status,)] = self.rows("SELECT status FROM payment WHERE id = %s", payment_id)
        return str(status)

    def holds(self) -> dict[str, list[str]]:
        """What the gateway has on its books: what was done with the hold of each payment."""
        holds = [Hold.from_json(row[0]) for row in self.rows("SELECT document FROM sandbox_document")]
        return {hold.key.partition("/")[0]: [it.kind for it in hold.operations] for hold in holds}

    def rows(self, query: str, *parameters: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.conninfo) as connection:
            return connection.execute(query.encode(), parameters).fetchall()
