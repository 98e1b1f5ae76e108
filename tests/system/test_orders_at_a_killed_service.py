"""A service is killed while it takes orders and fulfils them: each that was asked for once is there once, and ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from attrs import define, field

from builders.customers import CUSTOMERS, a_customer_body
from builders.members import V1
from builders.order_desk import AN_ADDRESS, ORDERS
from builders.payments import APPROVED, DECLINED
from builders.shop import PAYMENTS, a_card_body
from postgres_databases import delete_all_rows
from system.service import Service, until
from system.till import ADMIN

UNDER_WAY = {"Pending", "PaymentProcessing", "InventoryReserved"}
EVERY_S, DEATHS = (1.0, 2.5), 2
ON_HAND = 15


@define(eq=False)
class Storefront:
    """
    A service that is started anew whenever it is killed, and somebody who asks it again under the same key.

    Args:
        answered: The order that each key stands for.
    """

    folder: Path
    database: str
    service: Service = field(init=False)
    token: str = field(init=False, default="")
    customer_id: str = field(init=False, default="")
    answered: dict[str, str] = field(factory=dict)

    def open(self) -> None:
        # Nobody else may use a key for as long as a request may take.
        settings = ADMIN | {"request_timeout_s": "2"}
        self.service = Service.started(self.folder, database_url=self.database, **settings)
        login = {"username": "root", "password": "Correct-Horse-1"}
        self.token = self.service.ask("POST", f"{V1}/auth/login", login).json()["token"]

    def stock(self) -> None:
        product = {"sku": "VASE", "name": "A vase", "price": "20.00", "currency": "GBP"}
        assert self.ask("POST", f"{V1}/products", product).status_code == 201
        assert self.ask("PUT", f"{V1}/inventory/LEEDS/VASE", {"on_hand": ON_HAND}).status_code == 200
        self.customer_id = self.ask("POST", CUSTOMERS, a_customer_body()).json()["id"]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        return self.service.ask(method, path, body, token=self.token, **headers)

    def place(self, key: str, card: str) -> None:
        """Ask until it is answered, whoever dies in between."""
        body = {
            "customer_id": self.customer_id,
            "items": [{"sku": "VASE", "quantity": 1}],
            "delivery_address": AN_ADDRESS,
            "payment": {"paying_card_details": a_card_body(card, expiry_year=2099)},
        }

        def is_answered() -> bool:
            try:
                response = self.ask("POST", ORDERS, body, **{"Idempotency-Key": key})
            except (httpx.TransportError, RuntimeError):  # the last client was closed along with its service
                return False
            if response.status_code == 202:
                self.answered[key] = response.json()["id"]
            return response.status_code == 202

        until(is_answered)

    def order(self, order_id: str) -> dict[str, Any]:
        order: dict[str, Any] = self.ask("GET", f"{ORDERS}/{order_id}").json()
        return order


@pytest.fixture
def storefront(database: str, tmp_path: Path) -> Iterator[Storefront]:
    storefront = Storefront(tmp_path, database)
    storefront.open()
    delete_all_rows(database)
    storefront.service.kill()
    storefront.open()
    storefront.stock()
    yield storefront
    storefront.service.kill()


@pytest.mark.soak
def test_what_is_ordered_under_one_key_is_fulfilled_once_whoever_dies(storefront: Storefront) -> None:
    chance, done = Random(7), Event()  # noqa: S311
    cards = {f"key-{number}": DECLINED if number % 10 == 3 else APPROVED for number in range(24)}

    def order_all() -> None:
        for key, card in cards.items():
            storefront.place(key, card)
        done.set()

    customer = Thread(target=order_all)
    customer.start()
    for _ in range(DEATHS):
        done.wait(chance.uniform(*EVERY_S))
        storefront.service.kill()
        storefront.open()
    customer.join(60)
    assert storefront.answered.keys() == cards.keys()

    orders = {key: storefront.order(id_) for key, id_ in storefront.answered.items()}

    def have_ended() -> bool:
        orders.update({key: storefront.order(order["id"]) for key, order in orders.items()})
        return not any(order["status"] in UNDER_WAY for order in orders.values())

    until(have_ended)

    listed = storefront.ask("GET", f"{ORDERS}?page_size=100").json()["data"]
    confirmed = [order for order in orders.values() if order["status"] == "Confirmed"]
    assert {order["id"] for order in listed} == {order["id"] for order in orders.values()}
    assert len(confirmed) == ON_HAND
    for key, card in cards.items():
        if card == DECLINED:
            assert orders[key]["failure_reason"] == "payment_declined"
    [leeds] = storefront.ask("GET", f"{V1}/inventory/VASE").json()["warehouses"]
    assert leeds["reserved"] == ON_HAND
    payments = storefront.ask("GET", f"{PAYMENTS}?page_size=100").json()["data"]
    taken = [payment for payment in payments if payment["status"] == "Completed"]
    assert sorted(payment["id"] for payment in taken) == sorted(order["payment_id"] for order in confirmed)
    compared = storefront.service.command("payments", "reconcile", "--json")
    assert (compared.returncode, json.loads(compared.stdout)["open"]) == (0, 0), compared.stderr
