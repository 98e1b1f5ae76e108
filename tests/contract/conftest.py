"""
The adapters, registered once: every contract runs against each.

A test that asks for ``storage``, or for a port behind it, runs once in memory and once a PostgreSQL.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pytest

from builders import NOON
from builders.events import Noted, OpenRecorder
from builders.field_ciphers import OpenDatabase, a_field_cipher
from builders.parcels import PARCEL_EVENTS
from localstripe_process import localstripe, proxied_localstripe
from postgres_databases import (
    SERVERS,
    delete_all_rows,
    embedded_database,
    embedded_server,
    emptied_database,
    migrated_database,
    outside_database,
    outside_server,
)
from quayside.adapters.http.stripe import StripeGateway
from quayside.adapters.memory import (
    ManualClock,
    MemoryRateLimiter,
    MemorySandboxBooks,
    MemorySeenNotices,
    MemoryStore,
)
from quayside.adapters.postgres import (
    PostgresDatabase,
    PostgresRateLimiter,
    PostgresSandboxBooks,
    PostgresSeenNotices,
)
from quayside.adapters.redis import RedisRateLimiter, redis_client
from quayside.adapters.sandbox import SandboxBooks, SandboxGateway
from quayside.adapters.security.field_keys import FieldKey
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.core import catalogue as _catalogue
from quayside.core import customers as _customers
from quayside.core import fulfilment, identity, inventory, ordering
from quayside.core import payments as _payments
from quayside.core.catalogue import ProductQueries
from quayside.core.customers import CustomerQueries
from quayside.core.eventlog import BeginLog, EventReader, EventRegistry, LogFollower
from quayside.core.identity import SessionQueries, UserQueries
from quayside.core.kernel import Secret
from quayside.core.payments import (
    CommittedPayments,
    PaymentGateway,
    PaymentQueries,
    RefundQueries,
    SeenNotices,
)
from quayside.core.resilience import RateLimiter
from redis_servers import RedisCorner, redis_corner, redis_server

# pytest knows a fixture where its name is.
__all__ = [
    "embedded_database",
    "embedded_server",
    "emptied_database",
    "migrated_database",
    "outside_database",
    "outside_server",
    "redis_corner",
    "redis_server",
]

Storage = MemoryStore | PostgresDatabase


@pytest.fixture(params=["memory", *SERVERS])
def storage_url(request: pytest.FixtureRequest) -> str | None:
    """Which adapters the test runs against: those of an emptied database, or None for memory."""
    if request.param == "memory":
        return None
    conninfo: str = request.getfixturevalue(f"{request.param}_database")
    delete_all_rows(conninfo)
    return conninfo


@pytest.fixture
async def storage(storage_url: str | None) -> AsyncIterator[Storage]:
    """An empty store."""
    if storage_url is None:
        yield MemoryStore(_recorder())
        return
    async with _database(storage_url) as database:
        yield database


def _recorder() -> OpenRecorder:
    return OpenRecorder(lambda: datetime.now(UTC), uuid4)


def _database(conninfo: str, *keys: FieldKey) -> PostgresDatabase:
    contexts = (_catalogue, _customers, fulfilment, identity, inventory, ordering, _payments)
    events = (event for context in contexts for event in context.EVENTS)
    codec = MsgspecEventCodec(EventRegistry((Noted, *PARCEL_EVENTS, *events), ordering.UPCASTERS))
    return PostgresDatabase(conninfo, codec, _recorder(), cipher=a_field_cipher(*keys), min_connections=1)


@pytest.fixture
def conninfo(embedded_database: str) -> str:
    """A database without rows."""
    delete_all_rows(embedded_database)
    return embedded_database


@pytest.fixture
def opened(conninfo: str) -> OpenDatabase:
    """Opens that database with the keys that it is given."""
    return partial(_database, conninfo)


@pytest.fixture
def begin(storage: Storage) -> BeginLog:
    """Opens a transaction."""
    return storage.begin


@pytest.fixture
def events(storage: Storage) -> EventReader:
    """The committed log."""
    return storage.events


@pytest.fixture
def follower(storage: Storage) -> LogFollower:
    """Follows the committed log."""
    return storage.follower


@pytest.fixture
def payments(storage: Storage) -> PaymentQueries:
    """The committed payments."""
    return storage.payments


@pytest.fixture
def committed_payments(storage: Storage) -> CommittedPayments:
    """The committed payments, each save a transaction of its own."""
    return storage.committed_payments


@pytest.fixture
def refunds(storage: Storage) -> RefundQueries:
    """The committed refunds."""
    return storage.refunds


@pytest.fixture
def customers(storage: Storage) -> CustomerQueries:
    """The committed customers."""
    return storage.customers


@pytest.fixture
def products(storage: Storage) -> ProductQueries:
    """The committed products."""
    return storage.products


@pytest.fixture
def users(storage: Storage) -> UserQueries:
    """The committed accounts."""
    return storage.users


@pytest.fixture
def sessions(storage: Storage) -> SessionQueries:
    """The committed sessions."""
    return storage.sessions


@pytest.fixture
def clock() -> ManualClock:
    """It is noon until the test says otherwise."""
    return ManualClock(NOON)


@pytest.fixture(params=["memory", *SERVERS, pytest.param("redis", marks=pytest.mark.server)])
def counters_in(request: pytest.FixtureRequest) -> RedisCorner | str | None:
    """Where the test's rate limiter keeps its counters: in Redis, an emptied database, or None for memory."""
    if request.param == "memory":
        return None
    if request.param == "redis":
        corner: RedisCorner = request.getfixturevalue("redis_corner")
        return corner
    conninfo: str = request.getfixturevalue(f"{request.param}_database")
    delete_all_rows(conninfo)
    return conninfo


@pytest.fixture
async def limiter(counters_in: RedisCorner | str | None, clock: ManualClock) -> AsyncIterator[RateLimiter]:
    """A rate limiter that has counted nothing yet."""
    if counters_in is None:
        yield MemoryRateLimiter(clock)
    elif isinstance(counters_in, RedisCorner):
        # In less, a busy machine may not answer, and then the process would count for itself.
        async with redis_client(counters_in.url, timeout_s=5) as client:
            yield RedisRateLimiter(client, clock, MemoryRateLimiter(clock), prefix=counters_in.prefix)
    else:
        async with _database(counters_in) as database:
            yield PostgresRateLimiter(database.read, clock)


@pytest.fixture
def books(storage: Storage) -> SandboxBooks:
    """The sandbox gateway's memory, empty."""
    return MemorySandboxBooks() if isinstance(storage, MemoryStore) else PostgresSandboxBooks(storage.read)


@pytest.fixture
def seen_notices(storage: Storage) -> SeenNotices:
    """No notice was seen yet."""
    return MemorySeenNotices() if isinstance(storage, MemoryStore) else PostgresSeenNotices(storage.read)


@pytest.fixture(scope="session")
def localstripe_url() -> Iterator[str]:
    """A localstripe of this run's own."""
    with localstripe() as url:
        yield url


@pytest.fixture
def gateway(books: SandboxBooks) -> PaymentGateway:
    """A payment gateway that knows nothing yet."""
    return SandboxGateway(books)


@pytest.fixture(params=["memory", *SERVERS, pytest.param("localstripe", marks=pytest.mark.server)])
def gateway_at(request: pytest.FixtureRequest) -> str | None:
    """Where the test's gateway keeps what it did: at localstripe, in an emptied database, or None for memory."""
    if request.param == "memory":
        return None
    if request.param == "localstripe":
        if reason := _WRONG_AT_LOCALSTRIPE.get(request.function.__name__):
            pytest.skip(f"localstripe {reason}")
        url: str = request.getfixturevalue("localstripe_url")
        return url
    conninfo: str = request.getfixturevalue(f"{request.param}_database")
    delete_all_rows(conninfo)
    return conninfo


@pytest.fixture
async def every_gateway(gateway_at: str | None) -> AsyncIterator[PaymentGateway]:
    """The sandbox, by where its books are, or our side of Stripe."""
    if gateway_at is None:
        yield SandboxGateway(MemorySandboxBooks())
    elif gateway_at.startswith("http"):
        async with (
            proxied_localstripe(gateway_at) as proxy,
            StripeGateway(Secret("sk_test_peer"), base_url=proxy.url) as stripe,
        ):
            yield stripe
    else:
        async with _database(gateway_at) as database:
            yield SandboxGateway(PostgresSandboxBooks(database.read))


_WRONG_AT_LOCALSTRIPE = {
    "test_refunds_never_exceed_what_was_captured": "gives back more than was captured",
    "test_nothing_captured_is_nothing_to_refund": "gives back what was only held",
    "test_a_voided_hold_cannot_be_captured": "captures what was cancelled",
}
