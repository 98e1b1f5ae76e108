"""
The composition root: which adapters a process runs with.

The only module that names concrete storage and gateways; the service, the command line and the tests share it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from attrs import frozen

from ..adapters.memory import MemorySandboxBooks, MemoryStore
from ..adapters.sandbox import SandboxBooks, SandboxGateway
from ..adapters.system import entropy, utc_now
from ..core.eventlog import EventReader, EventRegistry, Recorder
from ..core.kernel import Clock, IdFactory, Uuid7Factory
from ..core.payments import EVENTS as PAYMENT_EVENTS
from ..core.payments import Begin, PaymentGateway, PaymentQueries, ProcessPayment, payment_form
from .extras import require
from .settings import Settings

_log = structlog.get_logger()

Probe = Callable[[], Awaitable[None]]
"""Returns if something answers, else raises."""


@frozen
class Storage:
    """One place where everything is kept, behind the ports of all contexts."""

    begin: Begin
    payments: PaymentQueries
    events: EventReader
    sandbox_books: SandboxBooks
    probe: Probe


@frozen
class Application:
    """Everything an entry point needs, put together."""

    settings: Settings
    clock: Clock
    new_id: IdFactory
    storage: Storage
    gateway: PaymentGateway
    process_payment: ProcessPayment


@asynccontextmanager
async def composed(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[Application]:
    """
    Put an application together, and take it apart at the end.

    Args:
        clock: Tells the time to every rule and record.
        sleep: Waits so many seconds, where the sandbox gateway is slow.

    Raises:
        MissingExtraError: a setting asks for what is not installed.
        UnavailableError: the database cannot be reached.
    """
    new_id = Uuid7Factory(clock, entropy)
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(_storage(settings, Recorder(clock, new_id)))
        gateway = SandboxGateway(storage.sandbox_books, sleep)
        form = payment_form(settings.currencies, clock)
        yield Application(
            settings=settings,
            clock=clock,
            new_id=new_id,
            storage=storage,
            gateway=gateway,
            process_payment=ProcessPayment(storage.begin, gateway, form, clock, new_id),
        )


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """
    The database of *settings*: the server they name, or else the embedded one, which runs as long as somebody uses it.

    Raises:
        MissingExtraError: the embedded PostgreSQL is not installed.
        EmbeddedPostgresError: it does not start; says why.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with require("embedded"):
        from ..adapters.embedded import embedded_postgres  # noqa: PLC0415
    async with embedded_postgres(settings.data_dir) as url:
        yield url


async def migrate_database(settings: Settings, *, dry_run: bool = False) -> tuple[str, ...]:
    """
    Bring the database of *settings* to the schema of this release; *dry_run* only tells what is due.

    Returns:
        The names of the migrations, in order; none where everything is kept in memory.

    Raises:
        MigrationError: the schema is not one that this release knows.
        UnavailableError: the database cannot be reached.
    """
    if settings.storage == "memory":
        return ()
    with require("postgres"):
        from ..adapters.postgres import migrate, pending  # noqa: PLC0415
    async with database_url(settings) as url:
        migrations = await (pending(url) if dry_run else migrate(url))
    return tuple(migration.name for migration in migrations)


@asynccontextmanager
async def _storage(settings: Settings, recorder: Recorder) -> AsyncIterator[Storage]:
    if settings.storage == "memory":
        yield _memory(recorder)
        return
    async with database_url(settings) as url, _postgres(settings, url, recorder) as storage:
        yield storage


def _memory(recorder: Recorder) -> Storage:
    async def probe() -> None:
        """Memory always answers."""

    store = MemoryStore(recorder)
    return Storage(store.begin, store.payments, store.events, MemorySandboxBooks(), probe)


@asynccontextmanager
async def _postgres(settings: Settings, url: str, recorder: Recorder) -> AsyncIterator[Storage]:
    # Whoever runs on memory needs none of this installed.
    with require("postgres"):
        from ..adapters.postgres import PostgresDatabase, PostgresSandboxBooks, migrate  # noqa: PLC0415
        from ..adapters.serialization import MsgspecEventCodec  # noqa: PLC0415

    for migration in await migrate(url):
        _log.info("migrated", migration=migration.name)
    codec = MsgspecEventCodec(EventRegistry(PAYMENT_EVENTS))
    async with PostgresDatabase(
        url,
        codec,
        recorder,
        min_connections=settings.pool_min_size,
        max_connections=settings.pool_max_size,
    ) as database:
        books = PostgresSandboxBooks(database.read)
        yield Storage(database.begin, database.payments, database.events, books, database.ping)
