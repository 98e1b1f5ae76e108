"""What becomes of those who give up while the database hangs: it takes what it is sent, and says nothing."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from uuid import uuid4

import pytest

from builders.events import a_stream, notes
from postgres_writers import CODEC, RECORDER
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.payments import PaymentId
from system.cuttable_link import CuttableLink


@pytest.fixture
async def database(link: CuttableLink) -> AsyncIterator[PostgresDatabase]:
    async with PostgresDatabase(link.conninfo, CODEC, RECORDER) as database:
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
