"""What this context needs from storage."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from ..eventlog import Event
from ..kernel import CustomerId, Money, Page, PageRequest, Slice, SliceRequest, UserId
from .accounts import Account
from .cardholders import Cardholder
from .entities import Payment
from .ids import AccountId, CardId, PaymentId, RefundId, TransferId
from .journal import BookedPayment, JournalEntry
from .overview import OpenPayment, PaymentBacklog, PaymentFilter, PaymentTotal
from .refunds import Refund
from .saved_cards import Card


class PaymentRepository(Protocol):
    """
    All payments but deleted ones, as a collection, inside a transaction.
    Contract: tests/contract/test_payments.py, and of what it books tests/contract/test_journal.py.
    """

    async def get(self, payment_id: PaymentId) -> Payment:
        """
        Raises:
            PaymentNotFoundError.
        """
        ...

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        """
        Store the row, append *events* to its stream and book in the journal what money they moved (`entry_of`), or none
        of it; ``payment.version`` becomes the stream's.

        Args:
            holder: Who the card of a payment that is new belongs to; kept with it, but not if the customer who pays is
                erased.

        Raises:
            ConcurrencyConflictError: ``payment.version`` was overtaken.
        """
        ...


class CommittedPayments(Protocol):
    """
    All payments but deleted ones, outside of transactions: each save is one of its own.
    Contract: tests/contract/test_saving_payments_alone.py.
    """

    async def get(self, payment_id: PaymentId) -> Payment:
        """
        The payment as it was saved last, by whomever.

        Raises:
            PaymentNotFoundError.
        """
        ...

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        """
        As `PaymentRepository.save`, and committed.

        Args:
            events: One at least.

        Raises:
            ConcurrencyConflictError: ``payment.version`` was overtaken.
            NestedTransactionError: the task has a transaction open.
            OutcomeUnknownError: nobody told whether it happened.
        """
        ...


class CardRepository(Protocol):
    """
    All registered cards, inside a transaction. Contract: tests/contract/test_cards.py.
    """

    async def find(self, card_id: CardId) -> Card | None: ...

    async def add(self, card: Card, *events: Event) -> None:
        """
        Store a new card and append *events* to its stream, or neither; ``card.version`` becomes the stream's.

        Raises:
            ConcurrencyConflictError: there is a card of that id.
        """
        ...


class CardholderRepository(Protocol):
    """
    Who the payments' cards belong to, as it was kept with them, inside a transaction.
    Contract: tests/contract/test_cardholders.py.
    """

    async def find(self, payment_id: PaymentId) -> Cardholder | None:
        """
        Raises:
            FieldKeyUnknownError, FieldUnreadableError: it is kept, but nobody here can read it.
        """
        ...


class RefundRepository(Protocol):
    """
    All refunds, inside a transaction, which saves the payment beside each: the payment's version guards both.
    Contract: tests/contract/test_refunds.py.
    """

    async def get(self, refund_id: RefundId) -> Refund:
        """
        Raises:
            RefundNotFoundError.
        """
        ...

    async def save(self, refund: Refund) -> None: ...


class AccountRepository(Protocol):
    """
    All accounts, inside a transaction. Contract: tests/contract/test_accounts.py.
    """

    async def get(self, account_id: AccountId) -> Account:
        """
        Raises:
            AccountNotFoundError.
        """
        ...

    async def lock(self, *account_ids: AccountId) -> tuple[Account, ...]:
        """
        The accounts, which nobody else changes until this transaction ends; or else it ends with
        ConcurrencyConflictError. Whoever locks the same ones, in whatever order, waits and is never in a deadlock.

        Raises:
            AccountNotFoundError.
        """
        ...

    async def transfer(self, transfer_id: TransferId) -> JournalEntry | None:
        """What a transfer moved; None if it was not made."""
        ...

    async def save(self, account: Account, *events: Event) -> None:
        """
        Store the row, append *events* to its stream and book in the journal what money they moved (`entry_of`), or none
        of it; ``account.version`` becomes the stream's.

        Raises:
            ConcurrencyConflictError: ``account.version`` was overtaken.
        """
        ...


class RefundQueries(Protocol):
    """
    Reads of committed refunds. Contract: tests/contract/test_refunds.py.
    """

    async def list(self, payment_id: PaymentId, page: PageRequest) -> Page[Refund]:
        """The refunds of a payment, newest first, ties by id (the greater first)."""
        ...

    async def list_after(self, payment_id: PaymentId, place: SliceRequest) -> Slice[Refund]:
        """Those that follow in the same order."""
        ...


class PaymentLookup(Protocol):
    """Reads single payments, of which it may give what was committed a moment ago."""

    async def get(self, payment_id: PaymentId) -> Payment:
        """
        Raises:
            PaymentNotFoundError.
        """
        ...


class PaymentQueries(Protocol):
    """
    Reads of committed payments but deleted ones, each on its own, outside any transaction.
    Contract: tests/contract/test_payments.py.
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

    async def totals(self, wanted: PaymentFilter) -> Sequence[Money]:
        """
        What was captured less what was refunded of the completed payments that *wanted* lets through, a sum a currency
        in the order of their codes; those that are zero are left out.
        """
        ...

    async def totals_by_status(self, wanted: PaymentFilter) -> Sequence[PaymentTotal]:
        """
        What the payments that *wanted* lets through come to, by currency in the order of their codes, and by status in
        that of `PaymentStatus`; what there are none of is left out.
        """
        ...

    async def backlog(self) -> PaymentBacklog:
        """How much there is to be settled, or to be looked at."""
        ...

    async def open_since(
        self, before: datetime, limit: int, *, after: OpenPayment | None = None
    ) -> Sequence[OpenPayment]:
        """
        Those that await the gateway since before *before*, and no person: the one that waits longest first, ties by id,
        *limit* at most.

        Args:
            after: Only those that follow this one, which may have ended meanwhile.
        """
        ...


class JournalQueries(Protocol):
    """
    Reads of the committed journal, which is written beside the rows and only ever grows.
    Contract: tests/contract/test_journal.py.
    """

    async def of_payment(self, payment_id: PaymentId) -> Sequence[JournalEntry]:
        """What the payment moved, the oldest entry first, ties by the events' ids."""
        ...

    async def booked(self, first: PaymentId, limit: int) -> Sequence[BookedPayment]:
        """The payments from *first* on in the order of their ids, deleted ones too, each with what is booked of it."""
        ...

    async def payment_count(self) -> int:
        """How many payments there are, deleted ones too."""
        ...


class CustomersByEmail(Protocol):
    """
    Tells whose an e-mail address is; customers are no business of payments. Contract: tests/contract/test_customers.py.
    """

    async def ids_by_email(self, email: str, created_by: UserId | None) -> Collection[CustomerId]:
        """
        The customers whose address is *email*, without regard to case.

        Args:
            created_by: Only those whom this account has registered; None: all.
        """
        ...


class Transaction(Protocol):
    """Everything reached through it commits or rolls back together."""

    @property
    def payments(self) -> PaymentRepository: ...

    @property
    def cards(self) -> CardRepository: ...

    @property
    def refunds(self) -> RefundRepository: ...

    @property
    def cardholders(self) -> CardholderRepository: ...

    @property
    def accounts(self) -> AccountRepository: ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]
