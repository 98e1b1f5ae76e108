"""Stock, and what is reserved of it."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from typing import Protocol
from uuid import UUID, uuid4

from attrs import frozen

from quayside.core.eventlog import Event
from quayside.core.inventory import (
    EFFECTS,
    AdjustStock,
    Begin,
    CommitReservation,
    ExpireReservations,
    ReleaseReservation,
    Reservation,
    ReservationId,
    ReservationLine,
    Reservations,
    ReserveStock,
    StockAdjusted,
    StockQueries,
)
from quayside.core.kernel import Clock

WAREHOUSE = "main"
AN_ORDER = UUID(int=0xA0)


class StockStorage(Protocol):
    """Any storage that has stock."""

    @property
    def begin(self) -> Begin: ...

    @property
    def stock(self) -> StockQueries: ...

    @property
    def reservations(self) -> Reservations: ...


def lines(**quantities: int) -> tuple[ReservationLine, ...]:
    """Lines by SKU: ``lines(A=2, B=1)``."""
    return tuple(ReservationLine(sku, quantity) for sku, quantity in quantities.items())


def a_reservation_id() -> ReservationId:
    return ReservationId(uuid4())


@frozen
class StockRoom:
    """Every verb of inventory, on one storage."""

    storage: StockStorage
    clock: Clock

    async def has(self, **on_hand: int) -> None:
        """Have so much in the main warehouse, by SKU."""
        await self.has_in(WAREHOUSE, **on_hand)

    async def has_in(self, warehouse: str, **on_hand: int) -> None:
        """Have so much there, by SKU."""
        adjust = AdjustStock(self.storage.begin, self.clock)
        for sku, pieces in on_hand.items():
            await adjust(warehouse, sku, pieces)

    async def reserve(
        self, wanted: Iterable[ReservationLine], id_: ReservationId | None = None, warehouse: str = WAREHOUSE
    ) -> Reservation:
        reserve = ReserveStock(self.storage.reservations, self.clock)
        return await reserve(id_ or a_reservation_id(), AN_ORDER, warehouse, wanted)

    @property
    def reserve_stock(self) -> ReserveStock:
        return ReserveStock(self.storage.reservations, self.clock)

    @property
    def release(self) -> ReleaseReservation:
        return ReleaseReservation(self.storage.reservations, self.clock)

    @property
    def commit(self) -> CommitReservation:
        return CommitReservation(self.storage.reservations, self.clock)

    @property
    def expire(self) -> ExpireReservations:
        return ExpireReservations(self.storage.reservations, self.clock)

    async def level(self, sku: str, warehouse: str = WAREHOUSE) -> tuple[int, int]:
        """What is on hand and what of it is reserved."""
        stock = await self.storage.stock.find(sku)
        assert stock is not None
        return stock.levels[warehouse].on_hand, stock.levels[warehouse].reserved


async def at_once(*works: Awaitable[object]) -> list[object]:
    """What came of all of them; who waits for who waits for them fails."""
    return await asyncio.wait_for(asyncio.gather(*works, return_exceptions=True), 60)


def replayed(events: Iterable[Event]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """
    What is on hand and reserved by SKU and warehouse, by nothing but what happened, in its order.

    At no moment more was reserved than was on hand.
    """
    levels: dict[tuple[str, str], tuple[int, int]] = {}
    for event in events:
        if isinstance(event, StockAdjusted):
            key = event.sku, event.warehouse
            levels[key] = event.on_hand, levels.get(key, (0, 0))[1]
        elif effect := EFFECTS.get(type(event)):
            for line in event.lines:  # type: ignore[attr-defined]  # all that have an effect have lines
                key = line.sku, event.warehouse  # type: ignore[attr-defined]
                on_hand, reserved = levels[key]
                levels[key] = (
                    on_hand + effect.on_hand * line.quantity,
                    reserved + effect.reserved * line.quantity,
                )
        assert all(0 <= reserved <= on_hand for on_hand, reserved in levels.values())
    return levels
