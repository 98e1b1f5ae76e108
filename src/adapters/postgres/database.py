"""The database: a pool of connections, single reads, and transactions."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Self

from attrs import define, field
from psycopg_pool import AsyncConnectionPool

from ...core.catalogue import ProductQueries
from ...core.eventlog import (
    Appended,
    DeferredEvents,
    DocumentQueries,
    EventCodec,
    EventLog,
    GenerationRegister,
    LogFollower,
    Recorder,
    StoredLog,
    StreamId,
    SubscriptionRegister,
    nobody_listens,
    tell_of_growth,
)
from ...core.fulfilment import OpenSagaQueries
from ...core.identity import SessionQueries, UserQueries
from ...core.inventory import Reservations, StockQueries
from ...core.kernel import Clock, FieldCipher, NoFieldCipher, sole_transaction
from ...core.ordering import OrderQueries, ParticularsQueries
from ...core.payments import JournalQueries, PaymentQueries, RefundQueries
from ...core.resilience import IdempotencyKeys, KeyTerms
from .cardholders import SEALED_CARDHOLDERS
from .checkpoints import PostgresDeferredEvents
from .connection import Connection, atomic, connection_options
from .customers import PostgresCustomerQueries, sealed_customers
from .documents import PostgresDocumentQueries
from .event_log import PostgresCommittedLog
from .field_rotation import PostgresFieldRotation
from .generations import PostgresGenerationRegister
from .idempotency_keys import SEALED_ANSWERS, PostgresIdempotencyKeys
from .journal import PostgresJournalQueries
from .lending import Lender
from .log_bell import LogNotifier, listen
from .log_follower import PostgresLogFollower
from .measured import MeasuredCursor, ObserveQuery
from .open_sagas import PostgresOpenSagaQueries
from .order_particulars import SEALED_PARTICULARS, PostgresParticularsQueries
from .order_summaries import PostgresOrderQueries
from .payments import PostgresCommittedPayments, PostgresPaymentQueries
from .products import PostgresProductQueries
from .prompt import PromptConnection
from .refunds import PostgresRefundQueries
from .reservations import PostgresReservations
from .sessions import PostgresSessionQueries
from .stock import PostgresStockQueries
from .stored_log import PostgresStoredLog
from .subscriptions import PostgresSubscriptionRegister
from .transaction import PostgresTransaction
from .users import PostgresUserQueries

_CLOSING_S = 0.25
"""How long the pool waits for those that connect in the background; a server that hangs does not let them end."""


@define(eq=False, repr=False)  # the connection string may hold a password
class PostgresDatabase:
    """
    Lends connections for as long as it is open; use it as an asynchronous context manager.

    It connects in the background, so it opens while the server is away and recovers when the server returns.

    Args:
        conninfo: A ``postgresql://`` URL or keywords, as libpq takes them.
        codec: Turns events into what is stored and back.
        recorder: Puts the events that repositories save into envelopes.
        cipher: Encrypts what is personal.
        min_connections: Kept open, even when idle.
        max_connections: Open at most; whoever needs one more waits.
        wait_timeout_s: How long to wait for a connection.
        connect_timeout_s: How long one attempt to connect may take.
        statement_timeout_s: How long one statement may take.
        idle_timeout_s: How long a transaction may keep the server waiting for its next statement.
        observe_query: Told how long each statement took.
        appended: Called after each commit by which the log has grown, with the streams' new versions.
    """

    _conninfo: str
    _codec: EventCodec
    _recorder: Recorder
    _cipher: FieldCipher = field(factory=NoFieldCipher, kw_only=True)
    _min_connections: int = field(default=2, kw_only=True)
    _max_connections: int = field(default=8, kw_only=True)
    _wait_timeout_s: float = field(default=5.0, kw_only=True)
    _connect_timeout_s: int = field(default=5, kw_only=True)
    _statement_timeout_s: float = field(default=10.0, kw_only=True)
    _idle_timeout_s: float = field(default=10.0, kw_only=True)
    _observe_query: ObserveQuery | None = field(default=None, kw_only=True)
    _appended: Appended = field(default=nobody_listens, kw_only=True)
    _pool: AsyncConnectionPool[Connection] = field(init=False)
    _lender: Lender = field(init=False)
    _follower: PostgresLogFollower = field(init=False)
    _notifier: LogNotifier = field(init=False)
    _payments: PostgresPaymentQueries = field(init=False)
    _products: PostgresProductQueries = field(init=False)

    @_pool.default
    def _closed_pool(self) -> AsyncConnectionPool[Connection]:
        options = connection_options(self._conninfo, connect_timeout_s=self._connect_timeout_s)
        if self._observe_query is not None:
            options["cursor_factory"] = partial(MeasuredCursor, observe=self._observe_query)
        return AsyncConnectionPool[Connection](
            connection_class=PromptConnection,
            kwargs=options,
            min_size=self._min_connections,
            max_size=self._max_connections,
            timeout=self._wait_timeout_s,
            # The pool's pauses between attempts double until it gives up, and it tries anew when somebody asks; so
            # this is also what bounds how late it notices that the server is back.
            reconnect_timeout=self._wait_timeout_s,
            configure=self._configure,
            open=False,
        )

    @_lender.default
    def _new_lender(self) -> Lender:
        return Lender(
            self._pool,
            self._max_connections,
            held_back=self._min_connections,
            patience_s=self._wait_timeout_s,
        )

    @_follower.default
    def _new_follower(self) -> PostgresLogFollower:
        return PostgresLogFollower(self.read, self._codec)

    @_notifier.default
    def _new_notifier(self) -> LogNotifier:
        return LogNotifier(self.read)

    @_payments.default
    def _new_payments(self) -> PostgresPaymentQueries:
        return PostgresPaymentQueries(self.read)

    @_products.default
    def _new_products(self) -> PostgresProductQueries:
        return PostgresProductQueries(self.read)

    async def __aenter__(self) -> Self:
        await self._pool.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._notifier.close()
        await self._lender.close()
        await self._pool.close(timeout=_CLOSING_S)

    @property
    def events(self) -> EventLog:
        """The committed log; each append to it is a transaction of its own, in one round trip to the server."""
        return PostgresCommittedLog(self.read, self._codec, self._has_grown)

    @property
    def follower(self) -> LogFollower:
        """Follows the committed log; one for all subscribers, who share what it finds out."""
        return self._follower

    @property
    def stored_log(self) -> StoredLog:
        """The committed log as it lies there."""
        return PostgresStoredLog(self.read, self._codec)

    @property
    def payments(self) -> PaymentQueries:
        """The committed payments."""
        return self._payments

    @property
    def committed_payments(self) -> PostgresCommittedPayments:
        """The committed payments; each save of one is a transaction of its own, in one round trip."""
        return PostgresCommittedPayments(
            self.read, self._codec, self._recorder, self._cipher, self._has_grown
        )

    @property
    def refunds(self) -> RefundQueries:
        """The committed refunds."""
        return PostgresRefundQueries(self.read)

    @property
    def journal(self) -> JournalQueries:
        """The committed journal."""
        return PostgresJournalQueries(self.read)

    @property
    def customers(self) -> PostgresCustomerQueries:
        """The committed customers."""
        return PostgresCustomerQueries(self.read, self._cipher)

    @property
    def stock(self) -> StockQueries:
        """The committed stock."""
        return PostgresStockQueries(self.read)

    @property
    def reservations(self) -> Reservations:
        """The committed reservations; each save of one is a transaction of its own, in one round trip."""
        return PostgresReservations(self.read, self._codec, self._recorder, self._has_grown)

    @property
    def products(self) -> ProductQueries:
        """The committed products."""
        return self._products

    @property
    def users(self) -> UserQueries:
        """The committed accounts."""
        return PostgresUserQueries(self.read)

    @property
    def sessions(self) -> SessionQueries:
        """The committed sessions."""
        return PostgresSessionQueries(self.read)

    @property
    def subscriptions(self) -> SubscriptionRegister:
        """Who runs which subscription, and how far it is."""
        return PostgresSubscriptionRegister(self.read)

    @property
    def deferred_events(self) -> DeferredEvents:
        """What subscriptions put off."""
        return PostgresDeferredEvents(self.read)

    @property
    def generations(self) -> GenerationRegister:
        """Which generations of projections there are."""
        return PostgresGenerationRegister(self.read)

    @property
    def open_sagas(self) -> OpenSagaQueries:
        """The committed sagas that are not at their end."""
        return PostgresOpenSagaQueries(self.read)

    @property
    def documents(self) -> DocumentQueries:
        """The committed documents of projections."""
        return PostgresDocumentQueries(self.read)

    def idempotency_keys(self, clock: Clock, terms: KeyTerms) -> IdempotencyKeys:
        """The keys that callers use."""
        return PostgresIdempotencyKeys(self.read, clock, terms, self._cipher)

    @property
    def orders(self) -> OrderQueries:
        """The committed orders, as their read model has them."""
        return PostgresOrderQueries(self.read)

    @property
    def order_particulars(self) -> ParticularsQueries:
        """What is personal of the committed orders."""
        return PostgresParticularsQueries(self.read, self._cipher)

    @property
    def field_rotations(self) -> Sequence[PostgresFieldRotation]:
        """Have encrypted fields encrypted with the current key, a table each."""
        tables = (SEALED_CARDHOLDERS, sealed_customers(self._cipher), SEALED_ANSWERS, SEALED_PARTICULARS)
        return [PostgresFieldRotation(self.read, self._cipher, table) for table in tables]

    def pool_state(self) -> dict[str, float]:
        """How many connections there are, and how it goes with lending them: as `Lender.state`."""
        return self._lender.state()

    def read(self) -> AbstractAsyncContextManager[Connection]:
        """
        Lend a connection in autocommit, for single reads outside any transaction.

        Raises:
            DatabaseConnectionError: none became free, or the server is away.
        """
        return self._lender.lend()

    async def ping(self) -> None:
        """
        Ask the server for nothing, to learn whether it answers.

        Raises:
            DatabaseConnectionError: it does not.
        """
        async with self.read() as connection:
            await connection.execute("SELECT 1")

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresTransaction]:
        """
        Open a transaction: a clean exit commits, an exception rolls back.

        Raises:
            NestedTransactionError: this task has one open.
            DatabaseConnectionError: no connection, or it was lost before COMMIT was sent; nothing was committed.
            CommitOutcomeUnknownError: on exit, the connection was lost while committing.
        """
        with sole_transaction():
            async with self.read() as connection, atomic(connection):
                transaction = PostgresTransaction(connection, self._codec, self._recorder, self._cipher)
                yield transaction
        if transaction.events.appended:
            await self._has_grown(transaction.events.appended)

    async def listen(self, heard: Callable[[], None]) -> None:
        """Call *heard* whenever another process has appended to the log, until cancelled. It is a hint, no more."""
        await listen(self._conninfo, heard, connect_timeout_s=self._connect_timeout_s)

    async def _has_grown(self, streams: Mapping[StreamId, int]) -> None:
        self._notifier.tell()
        await tell_of_growth(self._appended, streams)

    async def _configure(self, connection: Connection) -> None:
        session = {
            "TimeZone": "UTC",
            "default_transaction_isolation": "read committed",
            "statement_timeout": f"{self._statement_timeout_s * 1000:.0f}ms",
            "idle_in_transaction_session_timeout": f"{self._idle_timeout_s * 1000:.0f}ms",
        }
        await connection.execute(
            "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS setting (name, value)",
            (list(session), list(session.values())),
        )
