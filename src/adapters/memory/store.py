"""The memory adapters' database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import field, frozen

from ...core.eventlog import (
    Appended,
    EventLog,
    LogFollower,
    Recorder,
    nobody_listens,
    tell_of_growth,
)
from ...core.kernel import Clock, sole_transaction
from ...core.resilience import KeyTerms
from .customers import MemoryCustomerQueries
from .documents import MemoryDocumentQueries
from .event_log import MemoryCommittedLog, MemoryLogFollower, MemoryStoredLog
from .generations import MemoryGenerationRegister
from .idempotency_keys import MemoryIdempotencyKeys
from .journal import MemoryJournalQueries
from .open_sagas import MemoryOpenSagaQueries
from .order_particulars import MemoryParticularsQueries
from .order_summaries import MemoryOrderQueries
from .payments import MemoryCommittedPayments, MemoryPaymentQueries
from .products import MemoryProductQueries
from .refunds import MemoryRefundQueries
from .reservations import MemoryReservations
from .sessions import MemorySessionQueries
from .state import CommittedState
from .stock import MemoryStockQueries
from .subscriptions import MemoryDeferredEvents, MemorySubscriptionRegister
from .transaction import MemoryTransaction
from .users import MemoryUserQueries


@frozen(eq=False, repr=False)  # it would show every row
class MemoryStore:
    """
    Holds what was committed and opens transactions on it; forgets everything with the process.

    Transactions take no locks but those of the Admins and of stock: of two that write to one stream, the first to
    commit wins and the other's commit raises ConcurrencyConflictError.

    Args:
        recorder: Puts the events that repositories save into envelopes.
        appended: Called after each commit by which the log has grown, with the streams' new versions.
    """

    _recorder: Recorder
    _appended: Appended = field(default=nobody_listens, kw_only=True)
    _state: CommittedState = field(factory=CommittedState, init=False)

    @property
    def events(self) -> EventLog:
        """The committed log; each append to it is a transaction of its own."""
        return MemoryCommittedLog(self._state.log, self._appended)

    @property
    def follower(self) -> LogFollower:
        """Follows the committed log."""
        return MemoryLogFollower(self._state.log)

    @property
    def stored_log(self) -> MemoryStoredLog:
        """The committed log as it lies there."""
        return MemoryStoredLog(self._state.log)

    @property
    def payments(self) -> MemoryPaymentQueries:
        """The committed payments."""
        return MemoryPaymentQueries(self._state.payments)

    @property
    def committed_payments(self) -> MemoryCommittedPayments:
        """The committed payments; each save of one is a transaction of its own."""
        return MemoryCommittedPayments(self._state.payments, self.begin)

    @property
    def refunds(self) -> MemoryRefundQueries:
        """The committed refunds."""
        return MemoryRefundQueries(self._state.refunds)

    @property
    def journal(self) -> MemoryJournalQueries:
        """The committed journal."""
        return MemoryJournalQueries(self._state.journal, self._state.payments)

    @property
    def customers(self) -> MemoryCustomerQueries:
        """The committed customers."""
        return MemoryCustomerQueries(self._state.customers)

    def idempotency_keys(self, clock: Clock, terms: KeyTerms) -> MemoryIdempotencyKeys:
        """The keys that callers use."""
        return MemoryIdempotencyKeys(clock, terms, self._state.key_uses, self._state.erased_customers)

    @property
    def stock(self) -> MemoryStockQueries:
        """The committed stock."""
        return MemoryStockQueries(self._state.stock_levels, self._state.log)

    @property
    def reservations(self) -> MemoryReservations:
        """The committed reservations; each save of one is a transaction of its own."""
        return MemoryReservations(self._state.reservations, self.begin)

    @property
    def products(self) -> MemoryProductQueries:
        """The committed products."""
        return MemoryProductQueries(self._state.products)

    @property
    def users(self) -> MemoryUserQueries:
        """The committed accounts."""
        return MemoryUserQueries(self._state.users, self._state.name_claims)

    @property
    def sessions(self) -> MemorySessionQueries:
        """The committed sessions."""
        return MemorySessionQueries(self._state.sessions, self._state.users)

    @property
    def subscriptions(self) -> MemorySubscriptionRegister:
        """Who runs which subscription, and how far it is."""
        return MemorySubscriptionRegister(
            self._state.subscriptions, self._state.deferred_events, self._recorder.clock
        )

    @property
    def deferred_events(self) -> MemoryDeferredEvents:
        """What subscriptions put off."""
        return MemoryDeferredEvents(self._state.deferred_events)

    @property
    def generations(self) -> MemoryGenerationRegister:
        """Which generations of projections there are."""
        return MemoryGenerationRegister(
            self._state.generations, self._state.subscriptions, self._state.deferred_events
        )

    @property
    def documents(self) -> MemoryDocumentQueries:
        """The committed documents of projections."""
        return MemoryDocumentQueries(self._state.documents, self._state.generations)

    @property
    def orders(self) -> MemoryOrderQueries:
        """The committed orders, as their read model has them."""
        return MemoryOrderQueries(
            self._state.order_summaries, self._state.generations, self._state.subscriptions
        )

    @property
    def order_particulars(self) -> MemoryParticularsQueries:
        """What is personal of the committed orders."""
        return MemoryParticularsQueries(self._state.order_particulars)

    @property
    def open_sagas(self) -> MemoryOpenSagaQueries:
        """The committed sagas that are not at their end."""
        return MemoryOpenSagaQueries(self._state.open_sagas, self._state.generations)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[MemoryTransaction]:
        """
        Open a transaction: a clean exit commits, an exception rolls back.

        Raises:
            NestedTransactionError: this task has one open.
            ConcurrencyConflictError: on exit, another transaction committed to one of its streams first.
            NameTakenError, SkuTakenError: on exit, another transaction took a name or a sku first.
        """
        with sole_transaction():
            transaction = MemoryTransaction(self._state, self._recorder)
            try:
                yield transaction
                appended = transaction.commit()
            finally:
                transaction.end()
        if appended:
            await tell_of_growth(self._appended, appended)
