"""What can happen to stock, and to what is reserved of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from attrs import frozen

from ..eventlog import Event
from .ids import ReservationId


@frozen
class ReservationLine:
    """So many pieces of one SKU."""

    sku: str
    quantity: int


@frozen
class StockAdjusted(Event):
    """It was counted, or goods came in: so much is on hand now."""

    sku: str
    warehouse: str
    on_hand: int
    at: datetime


@frozen
class StockReserved(Event):
    """Stock is held for somebody, all lines of it."""

    reservation_id: ReservationId
    reference: UUID
    warehouse: str
    lines: tuple[ReservationLine, ...]
    expires_at: datetime | None
    at: datetime


@frozen
class ReservationReleased(Event):
    """
    What was held can be had by others again.

    Where it was released before it was ever made there was no warehouse and there are no lines, and it cannot be made
    any more.
    """

    reservation_id: ReservationId
    warehouse: str | None
    lines: tuple[ReservationLine, ...]
    at: datetime


@frozen
class ReservationExpired(Event):
    """Its time was up, so that what was held can be had by others again."""

    reservation_id: ReservationId
    warehouse: str
    lines: tuple[ReservationLine, ...]
    at: datetime


@frozen
class ReservationCommitted(Event):
    """What was held has left the warehouse."""

    reservation_id: ReservationId
    warehouse: str
    lines: tuple[ReservationLine, ...]
    at: datetime


ReservationEvent: TypeAlias = StockReserved | ReservationReleased | ReservationExpired | ReservationCommitted


@frozen
class Effect:
    """By how many times a line's quantity it changes what is on hand, and what of it is reserved."""

    on_hand: int
    reserved: int


EFFECTS: Final[Mapping[type[Event], Effect]] = {
    StockReserved: Effect(on_hand=0, reserved=1),
    ReservationReleased: Effect(on_hand=0, reserved=-1),
    ReservationExpired: Effect(on_hand=0, reserved=-1),
    ReservationCommitted: Effect(on_hand=-1, reserved=-1),
}
"""What each event of a reservation does to the stock of its lines; whoever keeps levels reads it here."""

EVENTS: tuple[type[Event], ...] = (
    StockAdjusted,
    StockReserved,
    ReservationReleased,
    ReservationExpired,
    ReservationCommitted,
)
"""Every event of this context, for the registry."""
