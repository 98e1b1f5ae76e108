"""A database with one payment in it, and whatever shows that payment, each in a process of its own."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen, check_output
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from attrs import define, field, frozen

from benchmarks.service import PASSWORD, USERNAME
from quayside.entrypoints.composition import database_url
from quayside.entrypoints.settings import Settings

_CONNECTIONS = 16
_ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
PAYMENT: dict[str, Any] = {
    "amount": "19.99",
    "currency": "GBP",
    "card_id": "card-1",
    "customer_id": "0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79",
    "description": "Two tickets",
    "metadata": {"order": 7},
    "address_details": {
        "house_number": "221B",
        "address_line1": "Baker Street",
        "city": "London",
        "postcode": "NW1 6XE",
    },
    "paying_card_details": {
        "card_number": "4242424242424242",
        "expiry_month": 12,
        "expiry_year": 2099,
        "cvv": "123",
        "cardholder_name": "Ada Lovelace",
    },
}


@frozen
class Load:
    """
    How a server did for a while.

    Args:
        rate: Answers a second.
        p99_ms: What one in a hundred of them took, or longer, in milliseconds.
    """

    rate: float
    p99_ms: float


@frozen
class Candidate:
    """
    A server that shows the payment, or takes one.

    Args:
        token: What is shown to it.
        body: What is posted; nothing where it is only asked.
    """

    port: int
    path: str
    token: str
    body: str = ""

    def loaded(self, seconds: float) -> Load:
        """Ask it on sixteen connections for a while, from a process of its own."""
        asked = (self.port, self.path, self.token, _CONNECTIONS, seconds, self.body)
        return Load(
            **json.loads(check_output([sys.executable, "-m", "benchmarks.http_load", *map(str, asked)]))
        )

    def answer(self) -> Any:
        """What it shows, or makes."""
        return self.asked(self.path, json.loads(self.body) if self.body else None)

    def asked(self, path: str, body: object = None) -> Any:
        """What it answers."""
        url, headers = f"http://127.0.0.1:{self.port}{path}", {"Authorization": f"Bearer {self.token}"}
        method = "GET" if body is None else "POST"
        answer = httpx.request(method, url, json=body, headers=headers, timeout=60)
        return answer.raise_for_status().json()


@define(eq=False)
class Site:
    """
    Where a payment was made.

    Args:
        path: Of the payment.
        by_jwt: Our service, asked for it with an access token of whoever made it.
        by_session: The same process, asked with the token of the session.
    """

    _folder: Path
    _database_url: str
    _processes: ExitStack
    path: str = field(init=False)
    by_jwt: Candidate = field(init=False)
    by_session: Candidate = field(init=False)

    def __attrs_post_init__(self) -> None:
        port = self._started("benchmarks.service:closed", "uvicorn")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1") as api:
            login = api.post("/auth/login", json={"username": USERNAME, "password": PASSWORD}).json()
            authorization = {"Authorization": f"Bearer {login['token']}"}
            payment = api.post("/payments", json=PAYMENT, headers=authorization).raise_for_status()
        self.path = payment.headers["location"]
        self.by_jwt = Candidate(port, self.path, login["access_token"])
        self.by_session = Candidate(port, self.path, login["token"])

    def started(self, name: str, server: str = "uvicorn") -> Candidate:
        """What *name*, ``module:function``, makes, on *server*."""
        return Candidate(self._started(name, server), self.path, "any")

    def taking(self, name: str) -> Candidate:
        """The same, for taking payments like the one that was made."""
        return Candidate(self._started(name, "uvicorn"), "/api/v1/payments", "any", json.dumps(PAYMENT))

    def _started(self, name: str, server: str) -> int:
        command = [sys.executable, "-m", "benchmarks.serve", name, self._database_url, server]
        log = self._processes.enter_context((self._folder / f"{name}.{server}.log").open("wb"))
        process = self._processes.enter_context(
            Popen(command, cwd=self._folder, env=_ENVIRONMENT, stdout=PIPE, stderr=log)
        )
        self._processes.callback(process.terminate)
        assert process.stdout is not None
        return int(process.stdout.readline())


@contextmanager
def a_site() -> Iterator[Site]:
    """A new one, on an embedded PostgreSQL."""
    with TemporaryDirectory() as folder, asyncio.Runner() as runner:
        database = database_url(Settings(data_dir=Path(folder)))
        url = runner.run(database.__aenter__())
        try:
            with ExitStack() as processes:
                yield Site(Path(folder), url, processes)
        finally:
            runner.run(database.__aexit__(None, None, None))
