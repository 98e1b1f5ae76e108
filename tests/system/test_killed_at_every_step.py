"""A service killed at each point between what it meant to do and what came of it: it is done once, or not at all."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from attrs import define, field

from builders.shop import PAYMENTS
from postgres_databases import delete_all_rows
from system.service import until
from system.till import Till, WorkerProcess

# What holds everybody up, one stop after the other. Taking a payment asks the gateway twice, so from the fourth stop on
# it is still at work while whatever else there is waits to be answered.
STOPS = {
    "before-the-intent-is-recorded": {"payment"},
    "before-the-gateway-is-asked": {"sandbox_document"},
    "before-the-outcome-is-recorded": {"payment"},
    "before-the-gateway-is-asked-again": {"sandbox_document", "idempotency_key"},
    "before-that-outcome-is-recorded": {"payment", "idempotency_key"},
    "before-anybody-is-answered": {"idempotency_key"},
}

UNTOUCHED = {
    "capture": ("Processing", []),
    "cancel": ("Processing", []),
    "refunds": ("Completed", ["capture"]),
}
DONE = {
    "capture": ("Completed", ["capture"]),
    "cancel": ("Cancelled", ["void"]),
    "refunds": ("Completed", ["capture", "refund"]),
}
CHARGED = {"take": ("Completed", ["capture"])}
NOT_CHARGED = {"take": ("Failed", None)}
ENDS = dict(zip(STOPS, [UNTOUCHED, DONE | NOT_CHARGED, *[DONE | CHARGED] * 4], strict=True))
"""By where it was killed: of each payment its status, and what the gateway did with its hold; None: there is none."""


_WAITING = """
SELECT pid FROM pg_locks
WHERE NOT granted AND locktype = 'relation'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@define(eq=False)
class Gates:
    """Tables that nobody else writes to for a while; the gateway's books, nobody else reads either."""

    conninfo: str
    _locks: dict[str, psycopg.Connection] = field(factory=dict)

    def close(self, *tables: str) -> None:
        """Close those of *tables*, and open all others."""
        for table in set(tables) - self._locks.keys():
            self._locks[table] = psycopg.connect(self.conninfo)
            mode = "ACCESS EXCLUSIVE" if table == "sandbox_document" else "EXCLUSIVE"
            self._locks[table].execute(f"LOCK TABLE {table} IN {mode} MODE".encode())
        for table in self._locks.keys() - set(tables):
            self._locks.pop(table).close()

    def waiting(self) -> list[int]:
        """The connections that stand before them."""
        with psycopg.connect(self.conninfo) as connection:
            return [pid for (pid,) in connection.execute(_WAITING)]

    def turn_away(self) -> None:
        """End what stands before them: once they open it would go on, though whoever asked for it is dead."""
        with psycopg.connect(self.conninfo) as connection:
            for pid in self.waiting():
                connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


@pytest.fixture
def till(database: str, tmp_path: Path) -> Iterator[Till]:
    delete_all_rows(database)
    till = Till.opened(tmp_path, database)
    yield till
    till.service.kill()


def kill_at(till: Till, stop: str) -> None:
    """Ask for everything at once that can be done with payments, and kill the service once all of it is at *stop*."""
    steps = {
        name: f"{PAYMENTS}/{till.pay(card_id=name, capture=captured).json()['id']}/{name}"
        for name, captured in (("capture", False), ("cancel", False), ("refunds", True))
    }
    gates = Gates(till.conninfo)
    gates.close(*STOPS["before-the-intent-is-recorded"])
    with ThreadPoolExecutor() as clients:
        answers = [clients.submit(till.ask, path, {}) for path in steps.values()]
        answers.append(clients.submit(till.pay, card_id="take"))
        try:
            for name, tables in STOPS.items():
                gates.close(*tables)
                until(lambda: len(gates.waiting()) == len(answers))
                if name == stop:
                    break
        finally:
            till.service.process.kill()  # and the clients stay, to see that nothing is answered
            gates.turn_away()
            gates.close()
    assert all(isinstance(answer.exception(), httpx.TransportError) for answer in answers)


def settle(till: Till, folder: Path) -> None:
    """Have a worker bring to its end what is open, as if it came long after."""
    with psycopg.connect(till.conninfo) as connection:
        connection.execute("UPDATE payment SET awaits_since = awaits_since - interval '1 hour'")
    worker = WorkerProcess.at_work(folder, database_url=till.conninfo)
    try:
        until(lambda: not till.open_payments())
    finally:
        worker.kill()


@pytest.mark.parametrize("stop", STOPS)
def test_what_a_killed_service_had_begun_is_done_once_or_not_at_all(
    till: Till, tmp_path: Path, stop: str
) -> None:
    kill_at(till, stop)

    settle(till, tmp_path)

    holds = till.holds()
    payments = till.rows("SELECT card_id, id::text, status FROM payment")
    assert {name: (status, holds.get(payment_id)) for name, payment_id, status in payments} == ENDS[stop]
    assert till.rows("SELECT FROM journal GROUP BY event_id HAVING sum(amount_minor) <> 0") == []
    compared = till.service.command("payments", "reconcile", "--json")
    assert compared.returncode == 0, compared.stderr
    assert json.loads(compared.stdout)["open"] == 0
