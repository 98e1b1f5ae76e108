"""Orders through their saga, on a PostgreSQL that flushes commits: how long each takes, and how many a second."""

import asyncio
import os
import random
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from uuid import UUID

from attrs import define, field

from benchmarks.harness import Benchmark, Figures
from quayside.adapters.telemetry.logging import configure_logging
from quayside.core.eventlog import EventSourced, StreamId
from quayside.core.kernel import CustomerId, Money, Percentage, UserId
from quayside.core.ordering import (
    ORDER,
    ORDER_CATEGORY,
    OrderConfirmed,
    OrderLine,
    OrderPaymentStarted,
    OrderPlaced,
    Place,
)
from quayside.core.payments import CardDetails, CardNumber, CardRequest, Cvv
from quayside.entrypoints.composition import Application, composed, worker_of
from quayside.entrypoints.settings import Settings
from quayside.entrypoints.worker import at_work

_ORDERS, _ORDERS_A_SECOND = 200, 8
_MANY = 300
_WAREHOUSE, _SKU = "main", "vase"
_WHO = UUID(int=0xADA)


@define
class _Shop:
    """Whose customers pay with one card."""

    application: Application
    placed: OrderPlaced = field(init=False)

    async def open(self) -> None:
        await self.application.inventory.adjust_stock(_WAREHOUSE, _SKU, 1_000_000)
        number, cvv = CardNumber("4242424242424242"), Cvv("123")
        details = CardDetails(
            card_number=number, expiry_month=12, expiry_year=2099, cvv=cvv, cardholder_name="Ada"
        )
        request = CardRequest(customer_id=CustomerId(_WHO), paying_card_details=details)
        card = await self.application.payments.register_card(request, created_by=UserId(_WHO))
        price, nothing = Money(2_000, "GBP"), Money(0, "GBP")
        self.placed = OrderPlaced(
            customer_id=CustomerId(_WHO),
            card_id=card.id,
            created_by=UserId(_WHO),
            items=(OrderLine(_SKU, "A vase", price, 1, Percentage(0), price),),
            discount_percentage=Percentage(0),
            items_total=price,
            discount_total=nothing,
            tax_total=nothing,
            shipping_cost=nothing,
            total=price,
            warehouse=_WAREHOUSE,
        )

    async def place(self) -> UUID:
        storage, order_id = self.application.storage, self.application.new_id()
        orders = EventSourced(ORDER_CATEGORY, ORDER, self.application.fulfilment.runner.recorder)
        await orders.execute(storage.begin, order_id, Place(self.placed))
        return order_id

    async def happened(self, order_id: UUID) -> dict[type[object], datetime]:
        """When what happened to it."""
        recorded = await self.application.storage.events.read_stream(StreamId(ORDER_CATEGORY, order_id))
        return {type(each.event): each.envelope.occurred_at for each in recorded}

    async def confirmed(self, orders: Sequence[UUID]) -> list[dict[type[object], datetime]]:
        """When what happened to each, once all are confirmed."""
        histories = []
        for order_id in orders:
            while OrderConfirmed not in (history := await self.happened(order_id)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            histories.append(history)
        return histories


@asynccontextmanager
async def _shop(folder: Path) -> AsyncIterator[_Shop]:
    settings = Settings(data_dir=folder, breach_check_url=None)
    configure_logging("ERROR", "json")
    async with composed(settings, migrates=True) as application:
        shop = _Shop(application)
        await shop.open()
        yield shop


async def _latencies_ms() -> list[float]:
    pauses = random.Random(8)  # noqa: S311 - as customers come: at random, but the same in every run
    with TemporaryDirectory() as folder:
        async with _shop(Path(folder)) as shop, at_work(worker_of(shop.application)):
            await shop.confirmed([await shop.place()])  # it is at work by now
            orders = []
            for _ in range(_ORDERS):
                await asyncio.sleep(pauses.expovariate(_ORDERS_A_SECOND))
                orders.append(await shop.place())
            histories = await shop.confirmed(orders)
    return [(it[OrderConfirmed] - it[OrderPlaced]).total_seconds() * 1e3 for it in histories]


def _p95() -> Figures:
    return Figures(quantiles(asyncio.run(_latencies_ms()), n=20)[-1])


@asynccontextmanager
async def _worker(folder: Path) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "quayside",
        "worker",
        stdout=DEVNULL,
        stderr=DEVNULL,
        env=os.environ | {"QUAYSIDE_DATA_DIR": str(folder), "QUAYSIDE_BREACH_CHECK_URL": "off"},
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def _orders_a_second(workers: int) -> float:
    with TemporaryDirectory() as folder:
        async with _shop(Path(folder)) as shop, AsyncExitStack() as stack:
            orders = [await shop.place() for _ in range(_MANY)]
            for _ in range(workers):
                await stack.enter_async_context(_worker(Path(folder)))
            histories = await shop.confirmed(orders)
    begun = min(it[OrderPaymentStarted] for it in histories)
    return _MANY / (max(it[OrderConfirmed] for it in histories) - begun).total_seconds()


def _rate(workers: int) -> Figures:
    return Figures(asyncio.run(_orders_a_second(workers)))


BENCHMARKS = (
    Benchmark(name="orders.confirm_p95", unit="ms", goal=150, measure=_p95),
    Benchmark(
        name="orders.through_1_worker", unit="1/s", goal=25, measure=partial(_rate, 1), better="higher"
    ),
    Benchmark(
        name="orders.through_2_workers", unit="1/s", goal=25, measure=partial(_rate, 2), better="higher"
    ),
)
