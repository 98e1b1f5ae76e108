"""Reservations whose time is up, and what is told of reservations."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from builders.shop import Shop
from builders.stock import AN_ORDER, WAREHOUSE, a_reservation_id, lines
from quayside.core.inventory import InsufficientStockError
from quayside.entrypoints.composition import worker_of
from quayside.entrypoints.worker import at_work


async def counted(shop: Shop) -> dict[str, float]:
    families = text_string_to_metric_families((await shop.client.get("/metrics")).text)
    return {
        sample.labels["outcome"]: sample.value
        for family in families
        for sample in family.samples
        if sample.name == "quayside_stock_reservations_total"
    }


async def test_a_worker_gives_back_what_is_over_and_each_outcome_is_counted(shop: Shop) -> None:
    inventory = shop.application.inventory
    await inventory.adjust_stock(WAREHOUSE, "A", 150)
    over = shop.clock() + timedelta(minutes=10)
    for _ in range(120):  # more than one batch
        await inventory.reserve_stock(a_reservation_id(), AN_ORDER, WAREHOUSE, lines(A=1), over)
    kept = await inventory.reserve_stock(a_reservation_id(), AN_ORDER, WAREHOUSE, lines(A=2))
    with pytest.raises(InsufficientStockError):
        await inventory.reserve_stock(a_reservation_id(), AN_ORDER, WAREHOUSE, lines(A=29))
    shop.clock.advance(timedelta(minutes=10))

    async with at_work(worker_of(shop.application)), asyncio.timeout(5):
        while (await inventory.find_stock("A")).levels[WAREHOUSE].reserved > 2:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
    for _ in range(2):
        await inventory.commit_reservation(kept.id)
        await inventory.release_reservation(a_reservation_id())

    assert await counted(shop) == {
        "reserved": 121,
        "insufficient": 1,
        "expired": 120,
        "committed": 1,
        "released": 2,
    }
