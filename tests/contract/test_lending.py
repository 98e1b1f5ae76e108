"""What it takes to be lent a connection of the database's pool."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from psycopg_pool import AsyncConnectionPool

from postgres_databases import SERVERS
from quayside.adapters.postgres.connection import Connection, connection_options
from quayside.adapters.postgres.lending import Lender


@pytest.fixture(params=SERVERS)
def conninfo(request: pytest.FixtureRequest) -> str:
    """Of a database."""
    conninfo: str = request.getfixturevalue(f"{request.param}_database")
    return conninfo


@pytest.fixture
async def pool(conninfo: str) -> AsyncIterator[AsyncConnectionPool[Connection]]:
    """Of two connections, which grow old in a twentieth of a second."""
    options = connection_options(conninfo, connect_timeout_s=5)
    async with AsyncConnectionPool[Connection](
        kwargs=options, min_size=2, max_size=2, max_lifetime=0.05, timeout=5, open=False
    ) as pool:
        await pool.wait()
        yield pool


async def process_of(lender: Lender) -> int:
    async with lender.lend() as connection:
        return connection.info.backend_pid


async def test_whoever_comes_next_is_lent_what_returned_last(
    pool: AsyncConnectionPool[Connection],
) -> None:
    lender = Lender(pool, 2)

    processes = {await process_of(lender) for _ in range(10)}

    assert len(processes) == 1
    assert lender.state()["idle"] + lender.state()["busy"] == 2
    assert lender.state()["requests"] == 10
    await lender.close()


async def test_whoever_waits_is_lent_what_returns_first(pool: AsyncConnectionPool[Connection]) -> None:
    lender = Lender(pool, 2)

    async with asyncio.timeout(5):
        first, second = await lender.take(), await lender.take()
        waiting = [asyncio.create_task(process_of(lender)) for _ in range(3)]
        await asyncio.sleep(0.01)
        await lender.give_back(first)
        await asyncio.gather(*waiting)
        await lender.give_back(second)

    await lender.close()


async def test_what_has_grown_old_is_replaced_though_one_alone_asks_again_and_again(
    pool: AsyncConnectionPool[Connection],
) -> None:
    lender = Lender(pool, 2)
    oldest = await process_of(lender)
    await asyncio.sleep(0.05)

    processes = [await process_of(lender) for _ in range(1_001)]

    assert processes[0] == oldest
    assert processes[-1] != oldest
    await lender.close()


async def test_what_was_lost_meanwhile_is_not_lent(pool: AsyncConnectionPool[Connection]) -> None:
    lender = Lender(pool, 2)
    async with asyncio.timeout(5):
        kept, killer = await lender.take(), await lender.take()
        await lender.give_back(kept)
        await killer.execute("SELECT pg_terminate_backend(%s, 1000)", [kept.info.backend_pid])

        async with lender.lend() as connection:
            await connection.execute("SELECT 1")

    assert kept.closed
    await lender.give_back(killer)
    await lender.close()
