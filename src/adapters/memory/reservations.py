"""Reservations in memory."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime

from attrs import frozen

from ...core.eventlog import Recorder
from ...core.inventory import (
    EFFECTS,
    Begin,
    InsufficientStockError,
    Reservation,
    ReservationEvent,
    ReservationId,
    ReservationStatus,
    StockLevel,
)
from .event_log import MemoryEventLog
from .locks import TransactionLock
from .rows import Rows
from .stock import LevelKey


@frozen
class MemoryReservationRepository:
    """The rows of one transaction, which locks all stock by the first save."""

    _rows: Rows[ReservationId, Reservation]
    _levels: Rows[LevelKey, StockLevel]
    _lock: TransactionLock
    _log: MemoryEventLog
    _recorder: Recorder

    async def find(self, reservation_id: ReservationId) -> Reservation | None:
        return self._rows.get(reservation_id)

    async def save(self, reservation: Reservation, event: ReservationEvent) -> None:
        await self._lock.acquire()
        await self._log.append(reservation.stream, (), reservation.version)
        self._levels.update(self._moved(event))
        reservation.version = await self._log.append(
            reservation.stream, self._recorder([event]), reservation.version
        )
        self._rows[reservation.id] = reservation

    def _moved(self, event: ReservationEvent) -> dict[LevelKey, StockLevel]:
        moved: dict[LevelKey, StockLevel] = {}
        short: list[str] = []
        for line in event.lines:
            key = line.sku, str(event.warehouse)
            try:
                moved[key] = self._levels[key].moved(EFFECTS[type(event)], line.quantity)
            except (KeyError, InsufficientStockError):
                short.append(line.sku)
        if short:
            raise InsufficientStockError(short)
        return moved


@frozen
class MemoryReservations:
    """What was committed."""

    _rows: dict[ReservationId, Reservation]
    _begin: Begin

    async def find(self, reservation_id: ReservationId) -> Reservation | None:
        return copy(self._rows.get(reservation_id))

    async def save(self, reservation: Reservation, event: ReservationEvent) -> None:
        async with self._begin() as tx:
            await tx.reservations.save(reservation, event)

    async def due(self, now: datetime, limit: int) -> Sequence[Reservation]:
        due = [
            (each.expires_at, each)
            for each in self._rows.values()
            if each.status is ReservationStatus.HELD
            and each.expires_at is not None
            and each.expires_at <= now
        ]
        return [copy(each) for _, each in sorted(due, key=lambda item: item[0])[:limit]]
