"""What this context needs from storage."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from ..eventlog import EventLog
from ..inventory import ReservationRepository
from ..kernel import CustomerId, Page, PageRequest, Slice, SliceRequest, UserId
from ..payments import Address, CardRepository
from .ids import OrderId
from .particulars import Particulars
from .status import OrderStatus
from .summaries import OrderFilter, PlacedOrder, SummaryTransaction

Found = TypeVar("Found", bound=Page[PlacedOrder] | Slice[PlacedOrder], covariant=True)  # noqa: PLC0105 - it reads well


class ParticularsRepository(Protocol):
    """
    What is personal of orders, inside a transaction. Contract: tests/contract/test_order_particulars.py.
    """

    async def add(self, order_id: OrderId, customer_id: CustomerId, address: Address) -> None:
        """Keep where an order goes that was placed in this transaction; nothing of a customer who is erased."""
        ...

    async def explain(self, order_id: OrderId, status: OrderStatus, reason: str) -> None:
        """Keep why an order became what it became in this transaction; nothing of a customer who is erased."""
        ...

    async def erase_of(self, customer_id: CustomerId) -> None:
        """Erase all of it, of every order of a customer who is erased in the same transaction."""
        ...


class ParticularsQueries(Protocol):
    """
    What is personal of orders, as it is committed. Contract: tests/contract/test_order_particulars.py.
    """

    async def of(self, order_ids: Collection[OrderId]) -> Mapping[OrderId, Particulars]:
        """
        That of each of *order_ids* of which anything is known.

        Raises:
            FieldKeyUnknownError, FieldUnreadableError: it is kept, but nobody here can read it.
        """
        ...


@frozen
class Viewed(Generic[Found]):
    """
    What was found in the read model.

    Args:
        position: Every event up to here was in it, but for those that it deferred.
    """

    found: Found
    position: int


class OrderQueries(Protocol):
    """
    Reads of the live generation of `ORDER_SUMMARIES`, each on its own, outside any transaction.
    Contract: tests/contract/test_order_summaries.py.
    """

    async def list(self, wanted: OrderFilter, page: PageRequest) -> Viewed[Page[PlacedOrder]]:
        """
        The orders that *wanted* lets through, newest first, ties by id (the greater first), without their addresses.

        Raises:
            ProjectionNotBuiltError.
        """
        ...

    async def list_after(self, wanted: OrderFilter, place: SliceRequest) -> Viewed[Slice[PlacedOrder]]:
        """
        Those that follow in the same order, at a cost that does not grow with how many came before.

        Raises:
            ProjectionNotBuiltError.
        """
        ...

    async def confirmed_counts(self, user_ids: Collection[UserId]) -> Mapping[UserId, int]:
        """
        How many orders that each of *user_ids* made are confirmed, shipped or delivered; of those that have any. As
        long as the view is not built, nobody has.
        """
        ...


class Transaction(SummaryTransaction, Protocol):
    """Everything reached through it commits or rolls back together."""

    @property
    def events(self) -> EventLog: ...

    @property
    def order_particulars(self) -> ParticularsRepository: ...

    @property
    def cards(self) -> CardRepository: ...

    @property
    def reservations(self) -> ReservationRepository: ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]
