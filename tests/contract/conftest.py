"""
The adapters, registered once: every contract runs against each.

A test that asks for ``storage``, or for a port behind it, runs once in memory and once a PostgreSQL.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from builders.events import BeginLog, Noted
from postgres_databases import (
    SERVERS,
    delete_all_rows,
    embedded_database,
    embedded_server,
    outside_database,
    outside_server,
)
from quayside.adapters.memory import MemorySandboxBooks, MemoryStore
from quayside.adapters.postgres import PostgresDatabase, PostgresSandboxBooks
from quayside.adapters.sandbox import SandboxBooks, SandboxGateway
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.core import payments as payments_context
from quayside.core.eventlog import EventReader, EventRegistry, Recorder
from quayside.core.payments import PaymentGateway, PaymentQueries

# pytest knows a fixture where its name is.
__all__ = ["embedded_database", "embedded_server", "outside_database", "outside_server"]

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
    recorder = Recorder(lambda: datetime.now(UTC), uuid4)
    if storage_url is None:
        yield MemoryStore(recorder)
        return
    codec = MsgspecEventCodec(EventRegistry((Noted, *payments_context.EVENTS)))
    async with PostgresDatabase(storage_url, codec, recorder) as database:
        yield database


@pytest.fixture
def begin(storage: Storage) -> BeginLog:
    """Opens a transaction."""
    return storage.begin


@pytest.fixture
def events(storage: Storage) -> EventReader:
    """The committed log."""
    return storage.events


@pytest.fixture
def payments(storage: Storage) -> PaymentQueries:
    """The committed payments."""
    return storage.payments


@pytest.fixture
def books(storage: Storage) -> SandboxBooks:
    """The sandbox gateway's memory, empty."""
    return MemorySandboxBooks() if isinstance(storage, MemoryStore) else PostgresSandboxBooks(storage.read)


@pytest.fixture
def gateway(books: SandboxBooks) -> PaymentGateway:
    """A payment gateway that knows nothing yet."""
    return SandboxGateway(books)
