"""What becomes of those who give up while the database hangs: it takes what it is sent, and says nothing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

import pytest

from builders.events import Noted, OpenRecorder, a_stream, notes
from postgres_databases import SERVERS
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.core.eventlog import EventRegistry
from quayside.core.payments import PaymentId
from system.cuttable_link import CuttableLink


@pytest.fixture(params=SERVERS)
def conninfo(request: pytest.FixtureRequest) -> str:
    """A database with the schema."""
    conninfo: str = request.getfixturevalue(f"{request.param}_database")
    return conninfo


@pytest.fixture
async def link(conninfo: str) -> AsyncIterator[CuttableLink]:
    async with CuttableLink(conninfo).running() as link:
        yield link


@pytest.fixture
async def database(link: CuttableLink) -> AsyncIterator[PostgresDatabase]:
    codec, recorder = (
        MsgspecEventCodec(EventRegistry([Noted])),
        OpenRecorder(lambda: datetime.now(UTC), uuid4),
    )
    async with PostgresDatabase(link.conninfo, codec, recorder) as database:
        await database.ping()
        yield database


@pytest.mark.parametrize("what", ["read", "read together", "write", "transaction"])
async def test_whoever_gives_up_is_let_go_soon(
    link: CuttableLink, database: PostgresDatabase, what: str
) -> None:
    async def ask() -> None:
        match what:
            case "read":
                await database.ping()
            case "read together":
                await database.payments.get(PaymentId(uuid4()))
            case "write":
                await database.events.append(a_stream(), notes("a"), 0)
            case _:
                async with database.begin() as tx:
                    await tx.events.append(a_stream(), notes("a"), 0)

    link.hang()
    began_at = monotonic()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await ask()

    assert monotonic() - began_at < 3
    link.go_on()
    await database.ping()
