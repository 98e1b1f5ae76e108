"""Inventory: what lies in warehouses, and for whom it is held."""

from .errors import (
    InsufficientStockError,
    InvalidReservationTransitionError,
    NoSuchPlaceError,
    ReservationIdReusedError,
    ReservationNotFoundError,
    StockNotFoundError,
)
from .events import (
    EFFECTS,
    EVENTS,
    Effect,
    ReservationCommitted,
    ReservationEvent,
    ReservationExpired,
    ReservationLine,
    ReservationReleased,
    StockAdjusted,
    StockReserved,
)
from .ids import ReservationId
from .ports import Begin, ReservationRepository, Reservations, StockQueries, StockRepository, Transaction
from .reservations import Reservation, ReservationStatus
from .rules import ADJUSTMENT
from .stock import Stock, StockLevel
from .use_cases.reserving import CommitReservation, ExpireReservations, ReleaseReservation, ReserveStock
from .use_cases.stocking import AdjustStock, FindStock

__all__ = [
    "ADJUSTMENT",
    "EFFECTS",
    "EVENTS",
    "AdjustStock",
    "Begin",
    "CommitReservation",
    "Effect",
    "ExpireReservations",
    "FindStock",
    "InsufficientStockError",
    "InvalidReservationTransitionError",
    "NoSuchPlaceError",
    "ReleaseReservation",
    "Reservation",
    "ReservationCommitted",
    "ReservationEvent",
    "ReservationExpired",
    "ReservationId",
    "ReservationIdReusedError",
    "ReservationLine",
    "ReservationNotFoundError",
    "ReservationReleased",
    "ReservationRepository",
    "ReservationStatus",
    "Reservations",
    "ReserveStock",
    "Stock",
    "StockAdjusted",
    "StockLevel",
    "StockNotFoundError",
    "StockQueries",
    "StockRepository",
    "StockReserved",
    "Transaction",
]
