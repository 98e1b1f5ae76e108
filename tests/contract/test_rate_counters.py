"""What becomes of rate counters beyond their port: old ones are dropped, and Redis may be out of reach."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from time import perf_counter

import psycopg
import pytest
from redis.asyncio import Redis

from postgres_databases import SERVERS
from quayside.adapters.memory import ManualClock, MemoryRateLimiter
from quayside.adapters.postgres import PostgresDatabase, PostgresRateLimiter
from quayside.adapters.redis import RedisRateLimiter, redis_client
from quayside.core.resilience import RateCounter, RateLimit
from redis_servers import RedisCorner

LIMIT = RateLimit("hits", count=3, window_s=60)
WHILE_REMEMBERED = timedelta(seconds=90)
UNTIL_FORGOTTEN = timedelta(seconds=120)


async def test_memory_drops_the_old_as_new_ones_come(clock: ManualClock) -> None:
    counters: dict[tuple[str, str], RateCounter] = {}
    limiter = MemoryRateLimiter(clock, counters)
    for caller in range(1_001):
        await limiter.hit(LIMIT, f"old {caller}")
    clock.advance(WHILE_REMEMBERED)
    await limiter.hit(LIMIT, "kept")
    clock.advance(UNTIL_FORGOTTEN - WHILE_REMEMBERED)

    for caller in range(1_001):
        await limiter.hit(LIMIT, f"new {caller}")

    assert {key.split()[0] for _, key in counters} == {"kept", "new"}


@pytest.mark.parametrize("storage_url", SERVERS, indirect=True)
async def test_postgres_drops_the_old_as_hits_come(
    storage: PostgresDatabase, storage_url: str, clock: ManualClock
) -> None:
    limiter = PostgresRateLimiter(storage.read, clock, sweep_every=10)
    for caller in range(28):
        await limiter.hit(LIMIT, f"old {caller}")
    clock.advance(WHILE_REMEMBERED)
    await limiter.hit(LIMIT, "kept")
    clock.advance(UNTIL_FORGOTTEN - WHILE_REMEMBERED)

    for _ in range(11):  # with the fortieth hit, the second sweep
        await limiter.hit(LIMIT, "new")

    with psycopg.connect(storage_url) as connection:
        left = connection.execute("SELECT id FROM rate_counter").fetchall()
    assert {counter_id for (counter_id,) in left} == {LIMIT.counter_id("kept"), LIMIT.counter_id("new")}


@pytest.mark.parametrize("storage_url", SERVERS, indirect=True)
async def test_no_hit_is_lost_to_a_sweep(storage: PostgresDatabase, clock: ManualClock) -> None:
    limiter = PostgresRateLimiter(storage.read, clock, sweep_every=1)
    for _ in range(3):
        await limiter.hit(LIMIT, "ada")
        clock.advance(UNTIL_FORGOTTEN)

        verdicts = await asyncio.gather(*(limiter.hit(LIMIT, "ada") for _ in range(30)))

        assert sum(verdict.allowed for verdict in verdicts) == 3


@pytest.mark.server
async def test_redis_drops_a_counter_by_itself(redis_corner: RedisCorner, clock: ManualClock) -> None:
    async with redis_client(redis_corner.url, timeout_s=5) as client:
        limiter = RedisRateLimiter(client, clock, MemoryRateLimiter(clock), prefix=redis_corner.prefix)
        await limiter.hit(LIMIT, "ada")
        await limiter.give_back(LIMIT, "ada")

        left_ms = await client.pttl(redis_corner.prefix + LIMIT.counter_id("ada"))

    assert timedelta(seconds=100) < timedelta(milliseconds=left_ms) <= UNTIL_FORGOTTEN


async def test_while_redis_is_out_of_reach_the_process_counts_for_itself(
    unused_tcp_port: int, clock: ManualClock
) -> None:
    async with redis_client(f"redis://127.0.0.1:{unused_tcp_port}") as client:
        limiter = RedisRateLimiter(client, clock, MemoryRateLimiter(clock))

        verdicts = [await limiter.hit(LIMIT, "ada") for _ in range(5)]
        await limiter.give_back(LIMIT, "ada")
        again = await limiter.hit(LIMIT, "ada")

    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert again.allowed


async def test_a_redis_that_says_nothing_holds_nobody_up_and_is_left_alone_for_a_second(
    clock: ManualClock,
) -> None:
    async with deaf_server() as port, redis_client(f"redis://127.0.0.1:{port}") as client:
        limiter = RedisRateLimiter(client, clock, MemoryRateLimiter(clock))
        began = perf_counter()

        verdicts = [await limiter.hit(LIMIT, "ada") for _ in range(20)]

        assert perf_counter() - began < 2
    assert [verdict.allowed for verdict in verdicts] == [True] * 3 + [False] * 17


@pytest.mark.server
async def test_it_is_logged_when_redis_begins_to_fail_and_when_that_ends(
    redis_corner: RedisCorner, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="quayside")
    async with redis_client(redis_corner.url, timeout_s=5) as client:
        limiter = RedisRateLimiter(client, clock, MemoryRateLimiter(clock), prefix=redis_corner.prefix)
        await limiter.hit(LIMIT, "ada")
        async with refusing(client, redis_corner.prefix + LIMIT.counter_id("ada")):
            for _ in range(3):
                assert (await limiter.hit(LIMIT, "ada")).allowed
                clock.advance(timedelta(seconds=1))
        for _ in range(3):
            await limiter.hit(LIMIT, "ada")

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "Redis does not answer (ResponseError): each process counts for itself."),
        ("INFO", "Redis answers again: all processes count together."),
    ]


@asynccontextmanager
async def refusing(client: Redis, key: str) -> AsyncIterator[None]:
    """Make Redis answer whatever concerns *key* with an error: it is of another type."""
    await client.delete(key)
    await client.set(key, "no counter")
    yield
    await client.delete(key)


@asynccontextmanager
async def deaf_server() -> AsyncIterator[int]:
    """A port that takes connections and says nothing."""
    closing = asyncio.Event()

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await closing.wait()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        closing.set()
