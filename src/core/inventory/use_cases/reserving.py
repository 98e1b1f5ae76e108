"""Holding stock for somebody, and letting go of it. Each may be asked for again: it is done once."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from attrs import frozen

from ...kernel import Clock, ConcurrencyConflictError
from ..errors import ReservationNotFoundError
from ..events import ReservationEvent, ReservationLine
from ..ids import ReservationId
from ..ports import Reservations
from ..reservations import Reservation, summed
from ..rules import RESERVATION


@frozen
class ReserveStock:
    """Hold stock of one warehouse: all that is asked for or nothing, and never more than there is."""

    reservations: Reservations
    clock: Clock

    async def __call__(
        self,
        reservation_id: ReservationId,
        reference: UUID,
        warehouse: str,
        lines: Iterable[ReservationLine],
        expires_at: datetime | None = None,
    ) -> Reservation:
        """
        Args:
            reservation_id: What this is known by. Asked for under it once more, it is the success that it was.
            reference: What it is held for: an order.
            lines: 1-1,000; those of one SKU are summed.
            expires_at: From when on it may be taken back; None: never.

        Raises:
            ValidationFailedError.
            InsufficientStockError: less is available; names the SKUs. Nothing is kept of it.
            InvalidReservationTransitionError: it was released, before it was made or after, or has expired.
            ReservationIdReusedError: something else was reserved under that id.
            OutcomeUnknownError: nobody told whether it happened. The same again finds out.
        """
        wanted = tuple(lines)
        RESERVATION.check({"warehouse": warehouse, "lines": wanted})
        reservation = Reservation(
            id=reservation_id,
            reference=reference,
            warehouse=warehouse,
            lines=summed(wanted),
            expires_at=expires_at,
            created_at=self.clock(),
        )
        try:
            await self.reservations.save(reservation, reservation.reserved())
        except ConcurrencyConflictError:
            made = await self.reservations.find(reservation_id)
            assert made is not None  # none is ever deleted
            made.require_same(reservation)
            return made
        return reservation


@frozen
class ReleaseReservation:
    """
    Give back what is held.

    One that nobody has heard of is recorded as released, too: who gives up a call without having its answer can be sure
    that it holds nothing, and that it comes too late if it is still on its way.
    """

    reservations: Reservations
    clock: Clock

    async def __call__(self, reservation_id: ReservationId) -> Reservation:
        """
        Raises:
            InvalidReservationTransitionError: it has left the warehouse.
        """

        def released(reservation: Reservation | None) -> Step:
            present = reservation or Reservation.never_made(reservation_id, at=self.clock())
            return present, present.release(at=self.clock())

        return await _taken(self.reservations, reservation_id, released)


@frozen
class CommitReservation:
    """Have what is held leave the warehouse: less is on hand then, and less reserved."""

    reservations: Reservations
    clock: Clock

    async def __call__(self, reservation_id: ReservationId) -> Reservation:
        """
        Raises:
            ReservationNotFoundError.
            InvalidReservationTransitionError: it was released, or has expired.
        """

        def committed(reservation: Reservation | None) -> Step:
            if reservation is None:
                raise ReservationNotFoundError(reservation_id)
            return reservation, reservation.commit(at=self.clock())

        return await _taken(self.reservations, reservation_id, committed)


@frozen
class ExpireReservations:
    """Give back what is held by reservations whose time is up."""

    reservations: Reservations
    clock: Clock

    async def __call__(self, limit: int) -> int:
        """
        Args:
            limit: How many to look at.

        Returns:
            How many there were: fewer than *limit* where none is left.
        """
        due = await self.reservations.due(self.clock(), limit)
        for reservation in due:
            if event := reservation.expire(at=self.clock()):
                try:
                    await self.reservations.save(reservation, event)
                except ConcurrencyConflictError:
                    continue  # somebody else has just let go of it, or shipped it
        return len(due)


Step = tuple[Reservation, ReservationEvent | None]
"""A reservation after a verb, and what there is to tell of it."""


async def _taken(
    reservations: Reservations, reservation_id: ReservationId, take: Callable[[Reservation | None], Step]
) -> Reservation:
    while True:
        reservation, event = take(await reservations.find(reservation_id))
        if event is None:
            return reservation
        try:
            await reservations.save(reservation, event)
        except ConcurrencyConflictError:
            continue  # it was changed meanwhile
        return reservation
