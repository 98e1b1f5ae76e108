"""Stock that is held for somebody."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import define

from ..eventlog import StreamId
from .errors import InvalidReservationTransitionError, ReservationIdReusedError
from .events import (
    ReservationCommitted,
    ReservationExpired,
    ReservationLine,
    ReservationReleased,
    StockReserved,
)
from .ids import ReservationId


class ReservationStatus(StrEnum):
    """Where a reservation stands; all but the first are final."""

    HELD = "Held"
    RELEASED = "Released"
    COMMITTED = "Committed"
    EXPIRED = "Expired"


_GIVEN_BACK = (ReservationStatus.RELEASED, ReservationStatus.EXPIRED)


def summed(lines: Iterable[ReservationLine]) -> tuple[ReservationLine, ...]:
    """One line for each SKU, in the order in which stock is locked."""
    quantities: Counter[str] = Counter()
    for line in lines:
        quantities[line.sku] += line.quantity
    return tuple(ReservationLine(sku, quantities[sku]) for sku in sorted(quantities))


@define(eq=False, kw_only=True)
class Reservation:
    """
    Stock of one warehouse that is held for somebody, all lines or none.

    Args:
        reference: What it is held for: an order.
        lines: One for each SKU, in the order of SKUs.
        expires_at: From when on it may be taken back; None: never.
        version: Saves so far; 0 means never stored.
    """

    id: ReservationId
    reference: UUID | None
    warehouse: str | None
    lines: tuple[ReservationLine, ...]
    status: ReservationStatus = ReservationStatus.HELD
    expires_at: datetime | None = None
    created_at: datetime
    version: int = 0

    @classmethod
    def never_made(cls, reservation_id: ReservationId, *, at: datetime) -> "Reservation":
        """What stands in the way of one that may still be asked for, though it was given up: it holds nothing."""
        return cls(
            id=reservation_id,
            reference=None,
            warehouse=None,
            lines=(),
            status=ReservationStatus.RELEASED,
            created_at=at,
        )

    @property
    def stream(self) -> StreamId:
        """Where its events are."""
        return StreamId("reservation", self.id)

    def reserved(self) -> StockReserved:
        """Tell that it is there; the first event of its stream."""
        assert self.reference is not None and self.warehouse is not None  # noqa: PT018 - both of one that is made
        return StockReserved(
            self.id, self.reference, self.warehouse, self.lines, self.expires_at, self.created_at
        )

    def require_same(self, wanted: "Reservation") -> None:
        """
        Hold who asks again under this id to what was asked before; until when does not matter.

        Raises:
            InvalidReservationTransitionError: what was held is given back, or was given up before it was held.
            ReservationIdReusedError: it is another one.
        """
        if self.status in _GIVEN_BACK:
            raise InvalidReservationTransitionError(self.id, self.status, ReservationStatus.HELD)
        if (self.reference, self.warehouse, self.lines) != (wanted.reference, wanted.warehouse, wanted.lines):
            raise ReservationIdReusedError(self.id)

    def release(self, *, at: datetime) -> ReservationReleased | None:
        """
        Give back what is held; None where that is done.

        Raises:
            InvalidReservationTransitionError: it has left the warehouse.
        """
        if self.version and self.status in _GIVEN_BACK:
            return None
        self._become(ReservationStatus.RELEASED)
        return ReservationReleased(self.id, self.warehouse, self.lines, at)

    def commit(self, *, at: datetime) -> ReservationCommitted | None:
        """
        Have what is held leave the warehouse; None where that is done.

        Raises:
            InvalidReservationTransitionError: it is held no more.
        """
        if self.status is ReservationStatus.COMMITTED:
            return None
        self._become(ReservationStatus.COMMITTED)
        assert self.warehouse is not None
        return ReservationCommitted(self.id, self.warehouse, self.lines, at)

    def expire(self, *, at: datetime) -> ReservationExpired | None:
        """Give back what is held if its time is up; None where it is not, or nothing is held."""
        if self.status is not ReservationStatus.HELD or self.expires_at is None or at < self.expires_at:
            return None
        self.status = ReservationStatus.EXPIRED
        assert self.warehouse is not None
        return ReservationExpired(self.id, self.warehouse, self.lines, at)

    def _become(self, wanted: ReservationStatus) -> None:
        if self.version and self.status is not ReservationStatus.HELD:
            raise InvalidReservationTransitionError(self.id, self.status, wanted)
        self.status = wanted
