"""Many payments through a network and a gateway that fail: nothing is lost, nothing is done twice, all books agree."""

import json
from asyncio import gather, sleep, to_thread
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, LiteralString
from uuid import uuid4

import httpx
import psycopg
import pytest
from attrs import define

from builders import APPROVED, DECLINED
from builders.members import V1
from builders.shop import PAYMENTS, a_card_body, a_payment_body
from stripe_books import StripeBooks
from stripe_peer import Fault, FaultProxy, Once, fault_proxy
from system.service import Service, until

CLIENTS = 16
FAULT_RATE = 0.01
OUTAGE_EVERY, OUTAGE = 5_000, 40  # requests to the gateway: enough to outlast every retry of some of them

UNCLEAR = frozenset({409, 429, 500, 503, 504})
RECONCILES_FOR_S = 1_800
MOST_ARE_TAKEN = 0.7  # of 85 % that anybody wants to have taken

FAULTS = [fault for fault in Fault if fault is not Fault.NONE]

RECORDED = """
SELECT count(*), count(*) FILTER (WHERE captured_minor > 0), sum(captured_minor - refunded_minor) FROM payment
"""
REFUNDS = """
SELECT sum(given_back.refunds), count(*) FILTER (WHERE refunded_minor IS DISTINCT FROM given_back.minor)
FROM payment
JOIN (
    SELECT payment_id, count(*) AS refunds,
        coalesce(sum(amount_minor) FILTER (WHERE status = 'Succeeded'), 0) AS minor
    FROM refund GROUP BY payment_id
) AS given_back ON given_back.payment_id = payment.id
"""


def faults_of(requests: int, chance: Random) -> deque[Fault]:
    """One in a hundred, and now and then many after each other."""
    faults = [
        chance.choice(FAULTS)
        if chance.random() < FAULT_RATE or number % OUTAGE_EVERY in range(300, 300 + OUTAGE)
        else Fault.NONE
        for number in range(requests)
    ]
    return deque(faults)


@define(eq=False)
class Trade:
    """
    Clients who ask until they are answered.

    Args:
        refunds: How many were asked for.
    """

    client: httpx.AsyncClient
    chance: Random
    registered_card: str = ""
    refunds: int = 0

    async def ask(self, path: str, body: object) -> httpx.Response:
        """Ask for something once, however often it takes to be told what became of it."""
        key = str(uuid4())
        while True:
            answer = await self.client.post(path, json=body, headers={"Idempotency-Key": key})
            if answer.status_code not in UNCLEAR:
                return answer
            await sleep(0.2)

    async def begin(self) -> None:
        """Register a card."""
        wanted = a_payment_body(paying_card_details=a_card_body(expiry_year=2099))
        body = {name: wanted[name] for name in ("customer_id", "paying_card_details")}
        self.registered_card = (await self.ask(f"{V1}/cards", body)).json()["card_id"]

    async def take(self, count: int) -> None:
        """Take *count* payments, and do with each what is done with payments."""
        numbers = iter(range(count))

        async def one_client() -> None:
            for _ in numbers:
                await self._live()

        await gather(*(one_client() for _ in range(CLIENTS)))

    async def _live(self) -> None:
        captures = self.chance.random() < 0.7
        taken = await self.ask(PAYMENTS, self._payment(capture=captures))
        if taken.status_code != 201:
            return
        path = f"{PAYMENTS}/{taken.json()['id']}"
        match self.chance.choice(("capture", "part", "cancel", "hold")) if not captures else "none":
            case "capture":
                await self.ask(f"{path}/capture", {})
            case "part":
                await self.ask(f"{path}/capture", {"amount": "7.50"})
            case "cancel":
                await self.ask(f"{path}/cancel", {})
            case "none" if self.chance.random() < 0.3:
                for _ in range(self.chance.choice((1, 2))):
                    self.refunds += 1
                    await self.ask(f"{path}/refunds", {"amount": "6.25"})

    def _payment(self, *, capture: bool) -> dict[str, Any]:
        if self.chance.random() < 0.5:
            body = a_payment_body(card_id=self.registered_card, capture=capture)
            del body["address_details"], body["paying_card_details"]
            return body
        card = DECLINED if self.chance.random() < 0.04 else APPROVED
        return a_payment_body(paying_card_details=a_card_body(card, expiry_year=2099), capture=capture)


@asynccontextmanager
async def served(folder: Path, database: str, proxy: FaultProxy) -> AsyncIterator[Service]:
    service = await to_thread(
        Service.started,
        folder,
        database_url=database,
        gateway="stripe",
        stripe_api_key="sk_test_peer",
        stripe_url=proxy.url,
        bootstrap_admin="root:root@shop.example:Correct-Horse-1",
        breach_check_url="off",
        rate_limit_factor="1000000",
    )
    try:
        yield service
    finally:
        service.kill()


@asynccontextmanager
async def trading(service: Service) -> AsyncIterator[Trade]:
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
        login = {"username": "root", "password": "Correct-Horse-1"}
        token = (await client.post(f"{V1}/auth/login", json=login)).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.cookies.clear()
        yield Trade(client, Random(7))  # noqa: S311


def settle(books: psycopg.Connection) -> None:
    """Wait until nothing is open any more, as if it had been so for long."""
    books.execute("UPDATE payment SET awaits_since = awaits_since - interval '1 hour'")
    until(lambda: one_row(books, "SELECT FROM payment WHERE awaits_since IS NOT NULL") is None, timeout_s=60)


def one_row(books: psycopg.Connection, query: LiteralString) -> tuple[Any, ...] | None:
    return books.execute(query).fetchone()


@pytest.mark.parametrize("count", [150, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_payments_through_faults_are_neither_lost_nor_made_twice(
    tmp_path: Path, database: str, count: int
) -> None:
    stripe = StripeBooks()
    with psycopg.connect(database, autocommit=True) as books:
        async with (
            fault_proxy(Once(stripe.answer)) as proxy,
            served(tmp_path, database, proxy) as service,
            trading(service) as trade,
        ):
            await trade.begin()
            proxy.faults = faults_of(10 * count, Random(count))  # noqa: S311
            await trade.take(count)
            proxy.faults.clear()
            await to_thread(settle, books)
            reconcile = "payments", "reconcile", "--json"
            compared = await to_thread(service.command, *reconcile, timeout_s=RECONCILES_FOR_S)
        recorded = one_row(books, RECORDED)
        refunds = one_row(books, REFUNDS)

    assert recorded == (count, *stripe.kept())
    assert refunds == (trade.refunds, 0)
    assert compared.returncode == 0, compared.stderr
    assert json.loads(compared.stdout)["open"] == 0
    assert stripe.kept()[0] > MOST_ARE_TAKEN * count
