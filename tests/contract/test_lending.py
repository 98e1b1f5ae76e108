"""What it takes to be lent a connection of the database's pool."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from psycopg_pool import AsyncConnectionPool

from quayside.adapters.postgres.connection import Connection, connection_options
from quayside.adapters.postgres.errors import DatabaseConnectionError
from quayside.adapters.postgres.lending import Lender


@pytest.fixture
async def pool(migrated_database: str) -> AsyncIterator[AsyncConnectionPool[Connection]]:
    """Of two connections, which grow old in a twentieth of a second."""
    options = connection_options(migrated_database, connect_timeout_s=5)
    async with AsyncConnectionPool[Connection](
        kwargs=options, min_size=2, max_size=2, max_lifetime=0.05, timeout=5, open=False
    ) as pool:
        await pool.wait()
        yield pool


def a_lender(pool: AsyncConnectionPool[Connection], *, patience_s: float = 5) -> Lender:
    """Of both connections, which holds back one."""
    return Lender(pool, 2, held_back=1, patience_s=patience_s)


async def process_of(lender: Lender) -> int:
    async with lender.lend() as connection:
        return connection.info.backend_pid


async def lend_both(lender: Lender) -> None:
    """Which would take for ever if one had been lost."""
    async with asyncio.timeout(5), lender.lend(), lender.lend():
        pass


async def test_whoever_comes_next_is_lent_what_returned_last(
    pool: AsyncConnectionPool[Connection],
) -> None:
    lender = a_lender(pool)

    processes = {await process_of(lender) for _ in range(10)}

    assert len(processes) == 1
    assert lender.state()["idle"] + lender.state()["busy"] == 2
    assert lender.state()["requests"] == 10
    await lender.close()


async def test_whoever_waits_is_lent_what_returns_first(pool: AsyncConnectionPool[Connection]) -> None:
    lender = a_lender(pool)

    async with asyncio.timeout(5):
        first, second = await lender.take(), await lender.take()
        waiting = [asyncio.create_task(process_of(lender)) for _ in range(3)]
        await asyncio.sleep(0.01)
        await lender.give_back(first)
        await asyncio.gather(*waiting)
        await lender.give_back(second)

    await lender.close()


async def test_those_who_wait_are_lent_what_returns_in_the_order_they_came(
    pool: AsyncConnectionPool[Connection],
) -> None:
    lender = a_lender(pool)
    served = []

    async def be_served(number: int) -> None:
        async with lender.lend():
            served.append(number)
            await asyncio.sleep(0.001)

    async with asyncio.timeout(5):
        await asyncio.gather(*map(be_served, range(20)))

    assert served == list(range(20))
    await lend_both(lender)
    await lender.close()


async def test_who_has_waited_for_long_enough_is_told_and_takes_nothing_with_him(
    pool: AsyncConnectionPool[Connection],
) -> None:
    lender = a_lender(pool, patience_s=0.5)  # in which a busy machine opens a connection, too
    first, second = await lender.take(), await lender.take()

    with pytest.raises(DatabaseConnectionError):
        await lender.take()

    state = lender.state()
    assert (state["waiting"], state["failures"]) == (0, 1)
    assert state["waited_s"] >= 0.5
    for connection in (first, second):
        await lender.give_back(connection)
    await lend_both(lender)
    await lender.close()


@pytest.mark.parametrize("is_handed", [False, True], ids=["waiting", "handed_one"])
async def test_what_was_for_one_who_is_cancelled_goes_to_the_next(
    pool: AsyncConnectionPool[Connection],
    is_handed: bool,  # noqa: FBT001
) -> None:
    lender = a_lender(pool)
    async with asyncio.timeout(5):
        first, second = await lender.take(), await lender.take()
        cancelled, following = (asyncio.create_task(lender.take()) for _ in range(2))
        await asyncio.sleep(0.001)

        if is_handed:
            await lender.give_back(first)
        cancelled.cancel()
        if not is_handed:
            await lender.give_back(first)

        assert await following is first
        await lender.give_back(first)
        await lender.give_back(second)
    assert cancelled.cancelled()
    await lend_both(lender)
    await lender.close()


async def test_who_waits_is_lent_another_where_what_returns_is_of_no_use(
    pool: AsyncConnectionPool[Connection],
) -> None:
    lender = a_lender(pool)
    async with asyncio.timeout(5):
        first, second = await lender.take(), await lender.take()
        waiting = asyncio.create_task(lender.take())
        await asyncio.sleep(0.001)

        await first.close()
        await lender.give_back(first)

        third = await waiting
        await third.execute("SELECT 1")
        await lender.give_back(second)
        await lender.give_back(third)
    await lender.close()


async def test_what_has_grown_old_is_replaced_though_one_alone_asks_again_and_again(
    pool: AsyncConnectionPool[Connection],
) -> None:
    lender = a_lender(pool)
    oldest = await process_of(lender)
    await asyncio.sleep(0.05)

    processes = [await process_of(lender) for _ in range(1_001)]

    assert processes[0] == oldest
    assert processes[-1] != oldest
    await lender.close()


async def test_what_was_lost_meanwhile_is_not_lent(pool: AsyncConnectionPool[Connection]) -> None:
    lender = a_lender(pool)
    async with asyncio.timeout(5):
        kept, killer = await lender.take(), await lender.take()
        await lender.give_back(kept)
        await killer.execute("SELECT pg_terminate_backend(%s, 1000)", [kept.info.backend_pid])

        async with lender.lend() as connection:
            await connection.execute("SELECT 1")

    assert kept.closed
    await lender.give_back(killer)
    await lender.close()


async def test_what_returns_to_one_that_is_closed_is_closed_with_the_pool(
    pool: AsyncConnectionPool[Connection],
) -> None:
    lender = a_lender(pool)
    first, second = await lender.take(), await lender.take()
    following = asyncio.create_task(lender.take())
    await asyncio.sleep(0.001)

    await lender.close()
    await pool.close()
    await lender.give_back(first)
    await lender.give_back(second)
    await lender.give_back(await following)

    assert first.closed
    assert second.closed
    with pytest.raises(DatabaseConnectionError):
        await lender.take()
