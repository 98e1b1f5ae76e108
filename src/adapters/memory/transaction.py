"""One transaction in memory: staged, then published as a whole."""

from collections.abc import Callable
from typing import TypeVar

from ...core.eventlog import Recorder, StreamId
from .accounts import MemoryAccountRepository
from .audit import MemoryAuditTrail
from .cardholders import MemoryCardholderRepository
from .cards import MemoryCardRepository
from .customers import MemoryCustomerRepository
from .documents import MemoryDocuments
from .event_log import MemoryEventLog
from .idempotency_keys import MemoryKeptAnswers
from .journal import MemoryJournal
from .locks import TransactionLock
from .one_time_tokens import MemoryOneTimeTokenRepository
from .open_sagas import MemoryOpenSagas
from .order_particulars import MemoryParticularsRepository
from .order_summaries import MemoryOrderSummaries
from .payments import MemoryPaymentRepository
from .products import MemoryProductRepository
from .refunds import MemoryRefundRepository
from .reservations import MemoryReservationRepository
from .rows import Rows
from .sessions import MemorySessionRepository
from .state import CommittedState
from .stock import MemoryStockRepository
from .subscriptions import MemoryCheckpoints
from .users import MemoryUserRepository, NameClaims

K = TypeVar("K")
V = TypeVar("V")


class MemoryTransaction:
    """
    Satisfies every context's ``Transaction``: one log, and a repository a context on the rows it stages.

    Args:
        state: What is committed.
        recorder: Puts the events that repositories save into envelopes.
    """

    def __init__(self, state: CommittedState, recorder: Recorder) -> None:
        self._publications: list[Callable[[], None]] = []
        self.events = MemoryEventLog(state.log)
        journal = MemoryJournal(self._stage(state.journal))
        payments, erased = self._stage(state.payments), self._stage(state.erased_customers)
        self.cardholders = MemoryCardholderRepository(self._stage(state.cardholders), payments, erased)
        self.payments = MemoryPaymentRepository(payments, self.events, recorder, journal, self.cardholders)
        self.accounts = MemoryAccountRepository(self._stage(state.accounts), self.events, recorder, journal)
        self.cards = MemoryCardRepository(self._stage(state.cards), self.events, recorder)
        self.refunds = MemoryRefundRepository(self._stage(state.refunds))
        self.customers = MemoryCustomerRepository(self._stage(state.customers), erased, self.events, recorder)
        self.products = MemoryProductRepository(
            self._stage(state.products), state.products, self.events, recorder
        )
        self.audit = MemoryAuditTrail(self.events, recorder)
        users, sessions = self._stage(state.users), self._stage(state.sessions)
        one_time_tokens = self._stage(state.one_time_tokens)
        self._names = NameClaims(state.name_claims)
        self._admin_lock = TransactionLock(state.admin_lock)
        self.users = MemoryUserRepository(
            users, self._names, self._admin_lock, sessions, one_time_tokens, self.events, recorder
        )
        self.sessions = MemorySessionRepository(sessions, users, self.events, recorder)
        self.one_time_tokens = MemoryOneTimeTokenRepository(one_time_tokens, state.one_time_tokens, users)
        self._stock_lock = TransactionLock(state.stock_lock)
        levels = self._stage(state.stock_levels)
        self.stock = MemoryStockRepository(levels, self._stock_lock, self.events, recorder)
        self.reservations = MemoryReservationRepository(
            self._stage(state.reservations), levels, self._stock_lock, self.events, recorder
        )
        self.checkpoints = MemoryCheckpoints(state.subscriptions, self._stage(state.deferred_events))
        self.documents = MemoryDocuments(self._stage(state.documents))
        self.open_sagas = MemoryOpenSagas(self._stage(state.open_sagas))
        self.order_summaries = MemoryOrderSummaries(self._stage(state.order_summaries))
        self.order_particulars = MemoryParticularsRepository(self._stage(state.order_particulars), erased)
        self.personal_records = (
            self.cardholders,
            self.order_particulars,
            MemoryKeptAnswers(self._stage(state.key_uses)),
        )

    def commit(self) -> dict[StreamId, int]:
        """
        Publish everything staged here. Nothing is awaited, so no other task sees half of it.

        Returns:
            The new version of each stream that has grown.

        Raises:
            ConcurrencyConflictError, NameTakenError, SkuTakenError: another transaction committed first; nothing is
                published.
            LeaseLostError: the subscription that moved is somebody else's.
        """
        self.events.validate()
        self._names.validate()
        self.products.validate()
        self.one_time_tokens.validate()
        self.checkpoints.validate()
        appended = self.events.appended
        self.events.publish()
        self.checkpoints.publish()
        self._names.publish()
        for publish in self._publications:
            publish()
        return appended

    def end(self) -> None:
        """Let go of what others wait for, committed or not."""
        self._admin_lock.release()
        self._stock_lock.release()

    def _stage(self, committed: dict[K, V]) -> Rows[K, V]:
        rows = Rows(committed)
        self._publications.append(rows.publish)
        return rows
