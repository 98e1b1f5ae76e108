"""Where everything is kept."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from attrs import evolve, frozen

from ...adapters.memory import (
    MemoryRateLimiter,
    MemorySandboxBooks,
    MemorySeenNotices,
    MemoryStore,
)
from ...adapters.sandbox import SandboxBooks
from ...adapters.telemetry.metrics import PrometheusMetrics
from ...adapters.telemetry.pool import PoolState
from ...adapters.telemetry.unreadable_events import UnreadableEventReport
from ...core import catalogue, customers, fulfilment, identity, inventory, ordering, payments
from ...core.eventlog import (
    Appended,
    DeferredEvents,
    DeliveryTransaction,
    DocumentQueries,
    DocumentTransaction,
    Event,
    EventCodec,
    EventReader,
    GenerationRegister,
    LogFollower,
    Recorder,
    StoredLog,
    SubscriptionRegister,
)
from ...core.kernel import ConcurrencyConflictError
from ...core.resilience import IdempotencyKeys, RateLimiter
from ..settings import Settings
from .database import current_database
from .events import EVENTS
from .field_keys import FieldRotation, field_cipher
from .idempotency import key_terms

Probe = Callable[[], Awaitable[None]]
"""Returns if something answers, else raises."""


Listen = Callable[[Callable[[], None]], Coroutine[Any, Any, None]]
"""Calls what it is given when another process has appended to the log, until cancelled."""


class Transaction(
    payments.Transaction,
    customers.Transaction,
    identity.Transaction,
    ordering.Transaction,
    inventory.Transaction,
    catalogue.Transaction,
    fulfilment.OpenSagaTransaction,
    DeliveryTransaction,
    DocumentTransaction,
    Protocol,
):
    """What every context needs of a transaction, in one."""


class CustomerReads(customers.CustomerQueries, payments.CustomersByEmail, Protocol):
    """What contexts ask of the committed customers."""


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]
"""Opens a transaction: a clean exit commits, an exception rolls back."""


@frozen
class Storage:
    """One place where everything is kept, behind the ports of all contexts."""

    begin: Begin
    committed_payments: payments.CommittedPayments
    refunds: payments.RefundQueries
    journal: payments.JournalQueries
    seen_notices: payments.SeenNotices
    payments: payments.PaymentQueries
    customers: CustomerReads
    products: catalogue.ProductQueries
    stock: inventory.StockQueries
    reservations: inventory.Reservations
    users: identity.UserQueries
    sessions: identity.SessionQueries
    events: EventReader
    follower: LogFollower
    stored_log: StoredLog
    subscriptions: SubscriptionRegister
    deferred_events: DeferredEvents
    generations: GenerationRegister
    documents: DocumentQueries
    open_sagas: fulfilment.OpenSagaQueries
    orders: ordering.OrderQueries
    order_particulars: ordering.ParticularsQueries
    listen: Listen | None
    sandbox_books: SandboxBooks
    rate_limiter: RateLimiter
    idempotency_keys: IdempotencyKeys
    probe: Probe
    field_rotations: Sequence[FieldRotation]


@asynccontextmanager
async def storage_of(
    settings: Settings,
    recorder: Recorder,
    metrics: PrometheusMetrics,
    *,
    appended: Appended,
    migrates: bool,
) -> AsyncIterator[Storage]:
    """
    The storage that *settings* name, its schema that of this release.

    Args:
        appended: Called after each commit by which the log has grown, with the streams' new versions.
        migrates: Whether a server that *settings* name is brought up to date; the embedded one always is.

    Raises:
        SchemaOutdatedError: it would have to be, and is not.
    """
    if settings.storage == "memory":
        yield _counting_conflicts(_memory(settings, recorder, appended), metrics)
        return
    async with (
        current_database(settings, migrates=migrates) as url,
        _postgres(settings, url, recorder, metrics, appended) as storage,
    ):
        yield _counting_conflicts(storage, metrics)


def _counting_conflicts(storage: Storage, metrics: PrometheusMetrics) -> Storage:
    """*storage*, and a count of the transactions that lost to others."""

    @asynccontextmanager
    async def begin() -> AsyncIterator[Transaction]:
        try:
            async with storage.begin() as tx:
                yield tx
        except ConcurrencyConflictError:
            metrics.observe_conflict()
            raise

    counting = _CountingPayments(storage.committed_payments, metrics)
    return evolve(storage, begin=begin, committed_payments=counting)


@frozen
class _CountingPayments:
    _inside: payments.CommittedPayments
    _metrics: PrometheusMetrics

    async def get(self, payment_id: payments.PaymentId) -> payments.Payment:
        return await self._inside.get(payment_id)

    async def save(
        self, payment: payments.Payment, *events: Event, holder: payments.Cardholder | None = None
    ) -> None:
        try:
            await self._inside.save(payment, *events, holder=holder)
        except ConcurrencyConflictError:
            self._metrics.observe_conflict()
            raise


def _memory(settings: Settings, recorder: Recorder, appended: Appended) -> Storage:
    async def probe() -> None:
        """Memory always answers."""

    store = MemoryStore(recorder, appended=appended)
    return Storage(
        begin=store.begin,
        committed_payments=store.committed_payments,
        payments=store.payments,
        refunds=store.refunds,
        journal=store.journal,
        customers=store.customers,
        products=store.products,
        stock=store.stock,
        reservations=store.reservations,
        users=store.users,
        sessions=store.sessions,
        events=store.events,
        follower=store.follower,
        stored_log=store.stored_log,
        subscriptions=store.subscriptions,
        deferred_events=store.deferred_events,
        generations=store.generations,
        documents=store.documents,
        open_sagas=store.open_sagas,
        orders=store.orders,
        order_particulars=store.order_particulars,
        listen=None,
        sandbox_books=MemorySandboxBooks(),
        seen_notices=MemorySeenNotices(),
        rate_limiter=MemoryRateLimiter(recorder.clock),
        idempotency_keys=store.idempotency_keys(recorder.clock, key_terms(settings)),
        probe=probe,
        field_rotations=(),
    )


@asynccontextmanager
async def _postgres(
    settings: Settings,
    url: str,
    recorder: Recorder,
    metrics: PrometheusMetrics,
    appended: Appended,
) -> AsyncIterator[Storage]:
    # Whoever runs on memory needs none of this installed.
    from ...adapters.postgres import (
        PostgresDatabase,
        PostgresRateLimiter,
        PostgresSandboxBooks,
        PostgresSeenNotices,
    )

    async with PostgresDatabase(
        url,
        _event_codec(metrics),
        recorder,
        cipher=field_cipher(settings),
        min_connections=settings.pool_min_size,
        max_connections=settings.pool_max_size,
        observe_query=metrics.observe_query,
        appended=appended,
    ) as database:
        metrics.watch_pool(lambda: PoolState(**database.pool_state()))
        yield Storage(
            begin=database.begin,
            committed_payments=database.committed_payments,
            payments=database.payments,
            refunds=database.refunds,
            journal=database.journal,
            customers=database.customers,
            products=database.products,
            stock=database.stock,
            reservations=database.reservations,
            users=database.users,
            sessions=database.sessions,
            events=database.events,
            follower=database.follower,
            stored_log=database.stored_log,
            subscriptions=database.subscriptions,
            deferred_events=database.deferred_events,
            generations=database.generations,
            documents=database.documents,
            open_sagas=database.open_sagas,
            orders=database.orders,
            order_particulars=database.order_particulars,
            listen=database.listen,
            sandbox_books=PostgresSandboxBooks(database.read),
            seen_notices=PostgresSeenNotices(database.read),
            rate_limiter=PostgresRateLimiter(database.read, recorder.clock),
            idempotency_keys=database.idempotency_keys(recorder.clock, key_terms(settings)),
            probe=database.ping,
            field_rotations=database.field_rotations,
        )


def _event_codec(metrics: PrometheusMetrics) -> EventCodec:
    from ...adapters.serialization import MsgspecEventCodec

    return MsgspecEventCodec(
        EVENTS,
        observe_unknown=UnreadableEventReport("unknown event", metrics.observe_unknown_event),
        observe_malformed=UnreadableEventReport("malformed event", metrics.observe_malformed_event),
    )
