"""What this context needs from storage."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from .events import ReservationEvent, StockAdjusted
from .ids import ReservationId
from .reservations import Reservation
from .stock import Stock


class ReservationRepository(Protocol):
    """
    All reservations: inside a transaction, or outside of any, where each save is one of its own.
    Contract: tests/contract/test_reservations.py.
    """

    async def find(self, reservation_id: ReservationId) -> Reservation | None: ...

    async def save(self, reservation: Reservation, event: ReservationEvent) -> None:
        """
        Store the row, append *event* to its stream and change by its effect (`EFFECTS`) the level of each line, or none
        of it; ``reservation.version`` becomes the stream's.

        Whoever saves others at once, of the same lines in whatever order, waits and is never in a deadlock; inside a
        transaction that holds as long as it saves one. Outside is where stock is locked for the shortest time.

        Raises:
            ConcurrencyConflictError: ``reservation.version`` was overtaken, whatever there is in stock.
            InsufficientStockError: a level would have less than nothing available; names all such SKUs.
            NestedTransactionError: this is outside of transactions, and the task has one open.
            OutcomeUnknownError: this is outside of transactions, and nobody told whether it happened.
        """
        ...


class Reservations(ReservationRepository, Protocol):
    """The committed reservations, outside of transactions. Contract: tests/contract/test_reservations.py."""

    async def due(self, now: datetime, limit: int) -> Sequence[Reservation]:
        """At most *limit* of those that are held and whose time is up, the one that is over for longest first."""
        ...


class StockRepository(Protocol):
    """
    What warehouses have, inside a transaction. Contract: tests/contract/test_stock.py.
    """

    async def lock(self, sku: str) -> Stock:
        """
        The stock of *sku*, which nobody else adjusts or reserves until this transaction ends.

        One of version 0 where there is none; of two who save that one, the second gets ConcurrencyConflictError.
        """
        ...

    async def save(self, stock: Stock, event: StockAdjusted) -> None:
        """
        Store the level of a stock locked before and append *event* to its stream, or neither; ``stock.version`` becomes
        the stream's.

        Raises:
            ConcurrencyConflictError: ``stock.version`` was overtaken.
        """
        ...


class StockQueries(Protocol):
    """The committed stock. Contract: tests/contract/test_stock.py."""

    async def find(self, sku: str) -> Stock | None: ...

    async def availability(self, skus: Iterable[str]) -> Mapping[str, Mapping[str, int]]:
        """By warehouse how much of each of *skus* can be reserved there; left out where it never had any."""
        ...


class Transaction(Protocol):
    """Everything reached through it commits or rolls back together."""

    @property
    def stock(self) -> StockRepository: ...

    @property
    def reservations(self) -> ReservationRepository: ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]
"""Opens a transaction: a clean exit commits, an exception rolls back."""
