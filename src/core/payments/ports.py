"""What this context needs from storage."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from attrs import frozen

from ..eventlog import Event
from ..kernel import CustomerId, DateRange, Page, PageRequest, Slice, SliceRequest, UserId
from .entities import Payment, PaymentStatus
from .ids import PaymentId


class PaymentRepository(Protocol):
    """
    All payments, as a collection, inside a transaction. Contract: tests/contract/test_payments.py.
    """

    async def get(self, payment_id: PaymentId) -> Payment:
        """
        Raises:
            PaymentNotFoundError.
        """
        ...

    async def save(self, payment: Payment, *events: Event) -> None:
        """
        Store the row and append *events* to its stream, or neither; ``payment.version`` becomes the stream's.

        Raises:
            ConcurrencyConflictError: ``payment.version`` was overtaken.
        """
        ...


@frozen(kw_only=True)
class PaymentFilter:
    """
    Which payments to list; what is None does not narrow.

    Args:
        created: When they were created.
    """

    status: PaymentStatus | None = None
    customer_id: CustomerId | None = None
    created_by: UserId | None = None
    created: DateRange | None = None

    def lets_through(self, payment: Payment) -> bool:
        """Whether *payment* is among the wanted."""
        return (
            self.status in (None, payment.status)
            and self.customer_id in (None, payment.customer_id)
            and self.created_by in (None, payment.created_by)
            and (self.created is None or payment.created_at in self.created)
        )


class PaymentQueries(Protocol):
    """
    Reads of committed payments, each on its own, outside any transaction. Contract: tests/contract/test_payments.py.
    """

    async def get(self, payment_id: PaymentId) -> Payment:
        """
        Raises:
            PaymentNotFoundError.
        """
        ...

    async def list(self, wanted: PaymentFilter, page: PageRequest) -> Page[Payment]:
        """The payments that *wanted* lets through, newest first, ties by id (the greater first)."""
        ...

    async def list_after(self, wanted: PaymentFilter, place: SliceRequest) -> Slice[Payment]:
        """Those that follow in the same order, at a cost that does not grow with how many came before."""
        ...

    async def open_since(self, before: datetime, limit: int) -> Sequence[PaymentId]:
        """
        Those that await the gateway since before *before*, and no person: the one that waits longest first, *limit* at
        most.
        """
        ...


class Transaction(Protocol):
    """Everything reached through it commits or rolls back together."""

    @property
    def payments(self) -> PaymentRepository: ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]
