"""What this context needs from storage."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from attrs import frozen

from ..eventlog import Event
from ..kernel import CustomerId, DateRange, Page, PageRequest, Slice, SliceRequest, UserId
from .entities import Customer


class CustomerRepository(Protocol):
    """
    All customers but erased ones, as a collection, inside a transaction. Contract: tests/contract/test_customers.py.
    """

    async def get(self, customer_id: CustomerId) -> Customer:
        """
        Raises:
            CustomerNotFoundError: there is none, or not any more.
            FieldKeyUnknownError, FieldUnreadableError: what is kept is not to be read by anybody here.
        """
        ...

    async def save(self, customer: Customer, *events: Event) -> None:
        """
        Store the row and append *events* to its stream, or neither; ``customer.version`` becomes the stream's.

        Raises:
            ConcurrencyConflictError: ``customer.version`` was overtaken.
        """
        ...

    async def erase(self, customer: Customer, *events: Event) -> None:
        """
        Blank what is personal and append *events*, or neither; that there was such a customer stays known.

        Raises:
            ConcurrencyConflictError: ``customer.version`` was overtaken.
        """
        ...


@frozen(kw_only=True)
class CustomerFilter:
    """
    Which customers to list; what is None does not narrow.

    Args:
        created: When they were registered.
    """

    created_by: UserId | None = None
    created: DateRange | None = None

    def lets_through(self, customer: Customer) -> bool:
        """Whether *customer* is among the wanted."""
        return self.created_by in (None, customer.created_by) and (
            self.created is None or customer.created_at in self.created
        )


class CustomerQueries(Protocol):
    """
    Reads of committed customers but erased ones, each on its own, outside any transaction.
    Contract: tests/contract/test_customers.py.
    """

    async def get(self, customer_id: CustomerId) -> Customer:
        """
        Raises:
            CustomerNotFoundError: there is none, or not any more.
            FieldKeyUnknownError, FieldUnreadableError: what is kept is not to be read by anybody here.
        """
        ...

    async def list(self, wanted: CustomerFilter, page: PageRequest) -> Page[Customer]:
        """The customers that *wanted* lets through, newest first, ties by id (the greater first)."""
        ...

    async def list_after(self, wanted: CustomerFilter, place: SliceRequest) -> Slice[Customer]:
        """Those that follow in the same order, at a cost that does not grow with how many came before."""
        ...


class PersonalRecords(Protocol):
    """
    What somebody else keeps of customers that is personal, inside a transaction.
    Contract: tests/contract/test_erasure.py.

    Whoever keeps some takes none of a customer who is erased, not even if both happen at once.
    """

    async def erase_of(self, customer_id: CustomerId) -> None:
        """Erase it, once the customer is erased in the same transaction."""
        ...


class Transaction(Protocol):
    """Everything reached through it commits or rolls back together."""

    @property
    def customers(self) -> CustomerRepository: ...

    @property
    def personal_records(self) -> Sequence[PersonalRecords]:
        """All that is kept elsewhere."""
        ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]
