"""Workers die, or hang and wake too late, at every point of an order: money and stock are where its end says."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define, evolve

from builders import a_card
from builders.fulfilment import ADA
from builders.orders import a_line, an_order_placed
from builders.payments import A_CUSTOMER, APPROVED, CAPTURE_DECLINED, DECLINED
from builders.shop import an_application, settings_of_a_shop
from postgres_databases import delete_all_rows
from quayside.core.eventlog import EventSourced
from quayside.core.fulfilment import Phase
from quayside.core.kernel import PageRequest
from quayside.core.ordering import ORDER, ORDER_CATEGORY, Cancel, Order, OrderStatus, Place
from quayside.core.payments import CardRequest, PaymentFilter, PaymentStatus
from quayside.entrypoints.composition import Application, worker_of
from quayside.entrypoints.worker import at_work
from system.order_workers import LEASE_S
from system.service import environment

SYSTEM = Path(__file__).parent
WAREHOUSE, SKU = "LEEDS", "BLUE-VASE"

FORWARD = [
    "PaymentAuthorizationRequested",
    "StockReservationRequested",
    "AuthorizationCaptureRequested",
    "OrderConfirmationRequested",
    "SagaCompleted",
]
BACKWARD = [
    "CaptureRefundRequested",
    "StockReleaseRequested",
    "AuthorizationVoidRequested",
    "SagaCancelled",
]


@define(frozen=True)
class Case:
    """
    Where a worker stops, and whether it wakes up again after others have done its work.

    Args:
        is_cancelled: Whether the order is cancelled once it is confirmed.
    """

    point: str
    wakes: bool
    card: str = APPROVED
    is_cancelled: bool = False

    def __str__(self) -> str:
        return f"{self.point}-{'wakes' if self.wakes else 'dies'}"


def cases() -> list[Case]:
    """Who wakes up inside of a transaction had held up everybody for as long: those only die."""
    calls = ["call:process_payment", "call:reserve_stock", "call:capture_payment"]
    found = [
        Case(point, wakes)
        for wakes in (False, True)
        for point in [*calls, *(f"after:{name}" for name in FORWARD)]
    ]
    undoing = ["call:refund_payment", "call:release_reservation"]
    found += [
        Case(point, wakes, is_cancelled=True)
        for wakes in (False, True)
        for point in [*undoing, *(f"after:{name}" for name in BACKWARD)]
    ]
    found += [Case(f"before:{name}", wakes=False) for name in FORWARD]
    found += [Case(f"before:{name}", wakes=False, is_cancelled=True) for name in BACKWARD]
    voiding = ["call:cancel_payment", "after:AuthorizationVoidRequested"]
    found += [Case(point, wakes, CAPTURE_DECLINED) for wakes in (False, True) for point in voiding]
    return found


SAMPLE = [
    Case("call:process_payment", wakes=False),
    Case("after:StockReservationRequested", wakes=True),
    Case("call:capture_payment", wakes=True),
    Case("before:SagaCompleted", wakes=False),
    Case("call:refund_payment", wakes=True, is_cancelled=True),
    Case("call:cancel_payment", wakes=False, card=CAPTURE_DECLINED),
]


def sampled() -> list[Any]:
    """All cases, those that take too long for every day marked so."""
    return [
        pytest.param(case, id=str(case), marks=[] if case in SAMPLE else [pytest.mark.soak])
        for case in cases()
    ]


@define(eq=False)
class Shop:
    """Places orders, and finds out what became of them."""

    application: Application
    orders: EventSourced[Any, Any, Order]

    async def has(self, pieces: int) -> None:
        await self.application.inventory.adjust_stock(WAREHOUSE, SKU, pieces)

    async def places(self, card: str = APPROVED, quantity: int = 1) -> UUID:
        application = self.application
        request = CardRequest(customer_id=A_CUSTOMER, paying_card_details=a_card(card, expiry_year=2099))
        registered = await application.payments.register_card(request, created_by=ADA)
        line = a_line(SKU, quantity)
        placed = an_order_placed(line, customer_id=A_CUSTOMER, created_by=ADA, warehouse=WAREHOUSE)
        order_id = application.new_id()
        command = Place(evolve(placed, card_id=registered.id))
        await self.orders.execute(application.storage.begin, order_id, command)
        return order_id

    async def cancels(self, order_id: UUID) -> None:
        await self.orders.execute(self.application.storage.begin, order_id, Cancel(by=ADA), attempts=20)

    async def order(self, order_id: UUID) -> Order:
        return (await self.orders.load(self.application.storage.events, order_id)).state

    async def ended(self, order_id: UUID) -> bool:
        order = await self.order(order_id)
        saga = await self.application.fulfilment.runner.load(order_id)
        if order.status is OrderStatus.CONFIRMED:
            return saga.phase is Phase.COMPLETED
        return order.status is OrderStatus.CANCELLED and saga.phase in {Phase.CANCELLED, Phase.NEW}

    async def balance(self) -> tuple[int, int, int]:
        """What is kept in the warehouse, what all payments come to in pennies, and how many are not at an end."""
        storage = self.application.storage
        stock = await storage.stock.find(SKU)
        assert stock is not None
        charged = unended = 0
        page = PageRequest(page_size=100)
        while True:
            found = await storage.payments.list(PaymentFilter(), page)
            for payment in found.items:
                charged += payment.captured.minor - payment.refunded.minor
                unended += payment.status in {PaymentStatus.PENDING, PaymentStatus.PROCESSING}
            if not found.has_next_page:
                break
            page = PageRequest(page=page.page + 1, page_size=100)
        books = await self.application.payments.reconcile_payments()
        assert (books.differences, books.unsettled) == ([], 0)
        return stock.levels[WAREHOUSE].reserved, charged, unended


@asynccontextmanager
async def a_shop(database: str, folder: Path) -> AsyncIterator[Shop]:
    settings = settings_of_a_shop(storage="postgres", database_url=database, data_dir=folder)
    async with an_application(settings, migrates=True) as application:
        recorder = application.fulfilment.runner.recorder
        shop = Shop(application, EventSourced(ORDER_CATEGORY, ORDER, recorder))
        delete_all_rows(database)
        await shop.has(1_000)
        yield shop


@asynccontextmanager
async def a_worker_that_halts(point: str, database: str, folder: Path) -> AsyncIterator[Process]:
    """A process that is killed in the end."""
    settings = {"database_url": database, "data_dir": str(folder), "breach_check_url": "off"}
    paths = {"PYTHONPATH": str(SYSTEM.parent)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(SYSTEM / "order_workers.py"),
        point,
        stdout=PIPE,
        cwd=folder,
        env=environment(settings) | paths,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until_halted(process: Process) -> None:
    assert process.stdout
    async with asyncio.timeout(30):
        while (line := await process.stdout.readline()) != b"halted\n":
            assert line, "it has ended"


async def until_ended(shop: Shop, *orders: UUID) -> None:
    for order_id in orders:
        while not await shop.ended(order_id):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("case", sampled())
async def test_an_order_whose_worker_stops_at_any_point_ends_as_if_it_had_not(
    database: str, tmp_path: Path, case: Case
) -> None:
    async with a_shop(database, tmp_path) as shop, asyncio.timeout(60):
        order_id = await shop.places(case.card)
        async with a_worker_that_halts(case.point, database, tmp_path) as worker:
            if case.is_cancelled:
                await until_ended(shop, order_id)
                await shop.cancels(order_id)
            await until_halted(worker)
            if not case.wakes:
                worker.kill()
                await worker.wait()
            async with at_work(evolve(worker_of(shop.application), lease_s=LEASE_S)):
                await until_ended(shop, order_id)
                if case.wakes:
                    os.kill(worker.pid, signal.SIGCONT)
                    await asyncio.sleep(1)  # it does what it was about to do, or finds that it need not
            is_confirmed = case.card == APPROVED and not case.is_cancelled
            order = await shop.order(order_id)
            assert order.status is (OrderStatus.CONFIRMED if is_confirmed else OrderStatus.CANCELLED)
            assert await shop.ended(order_id)
            assert await shop.balance() == ((1, 2000, 0) if is_confirmed else (0, 0, 0))


@pytest.mark.parametrize("count", [40, pytest.param(1_000, marks=pytest.mark.soak)])
async def test_of_many_orders_whose_workers_are_killed_each_is_paid_and_kept_or_as_if_it_had_never_been(
    database: str, tmp_path: Path, count: int
) -> None:
    """Of a hundred, five are declined, five are of more than there is, two get no answer of the gateway."""
    cards = {0: DECLINED, 1: DECLINED, 2: "4000000000000507", 3: "4000000000000119"}
    async with a_shop(database, tmp_path) as shop, asyncio.timeout(60 + count):
        placed: list[UUID] = []

        async def place() -> None:
            for number in range(count):
                too_many = number % 20 == 5
                card = cards.get(number % 40, APPROVED)
                placed.append(await shop.places(card, quantity=2_000 if too_many else 1))

        async def one_worker_after_another() -> None:
            while True:
                async with a_worker_that_halts("", database, tmp_path):
                    await asyncio.sleep(random.uniform(1.5, 4.0))  # noqa: S311

        working = [asyncio.create_task(one_worker_after_another()) for _ in range(2)]
        await place()
        await asyncio.sleep(min(count / 10, 60))
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        async with at_work(evolve(worker_of(shop.application), lease_s=LEASE_S)):
            await until_ended(shop, *placed)

        confirmed = 0
        for order_id in placed:
            confirmed += (await shop.order(order_id)).status is OrderStatus.CONFIRMED
        assert 0 < confirmed < count
        assert await shop.balance() == (confirmed, 2000 * confirmed, 0)
