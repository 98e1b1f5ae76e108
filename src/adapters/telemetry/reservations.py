"""Counts what becomes of reservations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen
from prometheus_client import CollectorRegistry, Counter

from ...core.eventlog import Event
from ...core.inventory import (
    InsufficientStockError,
    Reservation,
    ReservationCommitted,
    ReservationEvent,
    ReservationExpired,
    ReservationId,
    ReservationReleased,
    Reservations,
    StockReserved,
)

_OUTCOMES: Final[Mapping[type[Event], str]] = {
    StockReserved: "reserved",
    ReservationReleased: "released",
    ReservationExpired: "expired",
    ReservationCommitted: "committed",
}


def reservation_counter(registry: CollectorRegistry) -> Counter:
    """What becomes of reservations, and of what was to be one, in *registry*."""
    return Counter(
        "quayside_stock_reservations_total",
        "What became of reservations, and of what was to be one.",
        ("outcome",),
        registry=registry,
    )


@frozen
class MeasuredReservations:
    """
    Reservations each of which is counted once it is saved, or was refused for want of stock.

    Args:
        outcomes: From `reservation_counter`.
    """

    _inside: Reservations
    _outcomes: Counter

    async def find(self, reservation_id: ReservationId) -> Reservation | None:
        return await self._inside.find(reservation_id)

    async def save(self, reservation: Reservation, event: ReservationEvent) -> None:
        try:
            await self._inside.save(reservation, event)
        except InsufficientStockError:
            self._outcomes.labels("insufficient").inc()
            raise
        self._outcomes.labels(_OUTCOMES[type(event)]).inc()

    async def due(self, now: datetime, limit: int) -> Sequence[Reservation]:
        return await self._inside.due(now, limit)
