"""Reservations in memory."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime

from attrs import frozen

from ...core.eventlog import Appended, Recorder, tell_of_growth
from ...core.inventory import (
    EFFECTS,
    InsufficientStockError,
    Reservation,
    ReservationEvent,
    ReservationId,
    ReservationStatus,
    StockLevel,
)
from ...core.kernel import sole_transaction
from .event_log import MemoryEventLog
from .state import CommittedState
from .stock import LevelKey


@frozen
class MemoryReservations:
    """
    What was committed. Once nobody has stock locked, a save awaits nothing.

    Args:
        tell: Told after each save by which the log has grown.
    """

    _state: CommittedState
    _recorder: Recorder
    _tell: Appended

    async def find(self, reservation_id: ReservationId) -> Reservation | None:
        return copy(self._state.reservations.get(reservation_id))

    async def save(self, reservation: Reservation, event: ReservationEvent) -> None:
        with sole_transaction():
            async with self._state.stock_lock:
                log = MemoryEventLog(self._state.log)
                version = await log.append(reservation.stream, self._recorder([event]), reservation.version)
                levels = self._moved(event)
                reservation.version = version
                log.publish()
                self._state.stock_levels.update(levels)
                self._state.reservations[reservation.id] = copy(reservation)
        await tell_of_growth(self._tell, {reservation.stream: reservation.version})

    async def due(self, now: datetime, limit: int) -> Sequence[Reservation]:
        due = [
            (each.expires_at, each)
            for each in self._state.reservations.values()
            if each.status is ReservationStatus.HELD
            and each.expires_at is not None
            and each.expires_at <= now
        ]
        return [copy(each) for _, each in sorted(due, key=lambda item: item[0])[:limit]]

    def _moved(self, event: ReservationEvent) -> dict[LevelKey, StockLevel]:
        moved: dict[LevelKey, StockLevel] = {}
        short: list[str] = []
        for line in event.lines:
            key = line.sku, str(event.warehouse)
            try:
                moved[key] = self._state.stock_levels[key].moved(EFFECTS[type(event)], line.quantity)
            except (KeyError, InsufficientStockError):
                short.append(line.sku)
        if short:
            raise InsufficientStockError(short)
        return moved
