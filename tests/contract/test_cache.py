"""What every cache does (`core.resilience.Cache`), and what becomes of one in Redis that is gone or disturbed."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from time import monotonic, perf_counter

import pytest

from quayside.adapters.memory import MemoryCache
from quayside.adapters.redis import RedisCache, redis_client
from quayside.core.resilience import Cache, CacheUnavailableError
from redis_servers import RedisCorner

NewCache = Callable[[float], Cache]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.server)])
async def new_cache(request: pytest.FixtureRequest) -> AsyncIterator[NewCache]:
    """Gives a cache by how long it keeps a copy, in seconds; a busy machine may let it wait."""
    if request.param == "memory":
        yield lambda ttl_s: MemoryCache(monotonic, ttl_s=ttl_s, most=100)
        return
    corner: RedisCorner = request.getfixturevalue("redis_corner")
    async with redis_client(corner.url, timeout_s=5) as client:
        yield lambda ttl_s: RedisCache(client, monotonic, ttl_s=ttl_s, prefix=corner.prefix, patience_s=5)


@pytest.fixture
def cache(new_cache: NewCache) -> Cache:
    """A cache that knows nothing yet, and keeps what it is given for as long as a test takes."""
    return new_cache(60)


async def test_what_nobody_put_is_not_there(cache: Cache) -> None:
    assert await cache.get("a") is None


async def test_a_copy_is_there_as_it_was_put_and_under_its_key_alone(cache: Cache) -> None:
    await cache.put("a", bytes(range(256)), 1)

    assert await cache.get("a") == bytes(range(256))
    assert await cache.get("b") is None


async def test_a_newer_copy_takes_the_place_of_an_older_one_and_never_the_other_way(cache: Cache) -> None:
    await cache.put("a", b"second", 2)
    await cache.put("a", b"third", 10)
    await cache.put("a", b"first", 9)

    assert await cache.get("a") == b"third"


async def test_a_copy_of_the_same_version_takes_the_place_of_the_other(cache: Cache) -> None:
    await cache.put("a", b"one", 1)
    await cache.put("a", b"other", 1)

    assert await cache.get("a") == b"other"


async def test_what_is_outdated_is_gone_and_does_not_come_back(cache: Cache) -> None:
    await cache.put("a", b"first", 1)

    await cache.outdate("a", 2)
    gone = await cache.get("a")
    await cache.put("a", b"first", 1)  # by a reader who had begun before

    assert gone is None
    assert await cache.get("a") is None


async def test_what_is_new_enough_is_not_outdated(cache: Cache) -> None:
    await cache.put("a", b"second", 2)

    await cache.outdate("a", 2)
    await cache.outdate("a", 1)

    assert await cache.get("a") == b"second"


async def test_after_it_was_outdated_the_new_version_is_taken(cache: Cache) -> None:
    await cache.outdate("a", 2)

    await cache.put("a", b"second", 2)

    assert await cache.get("a") == b"second"


async def test_what_is_dropped_is_forgotten_with_its_version(cache: Cache) -> None:
    await cache.put("a", b"nonsense", 99)

    await cache.drop("a")
    await cache.drop("b")
    await cache.put("a", b"first", 1)

    assert await cache.get("a") == b"first"


async def test_a_copy_does_not_outlive_its_time(new_cache: NewCache) -> None:
    cache = new_cache(0.02)
    await cache.put("a", b"first", 1)
    await cache.outdate("b", 2)

    await asyncio.sleep(0.04)

    assert await cache.get("a") is None
    async with asyncio.timeout(5):
        # Where the machine is busy, this copy, too, may have outlived its time when it is looked for.
        while await cache.get("b") != b"first":
            await cache.put("b", b"first", 1)


async def test_memory_forgets_what_was_used_longest_ago() -> None:
    cache = MemoryCache(monotonic, ttl_s=60, most=2)
    await cache.put("a", b"a", 1)
    await cache.put("b", b"b", 1)
    await cache.get("a")

    await cache.put("c", b"c", 1)

    assert [await cache.get(key) for key in "abc"] == [b"a", None, b"c"]


@pytest.mark.server
@pytest.mark.parametrize("disturbed", ["set", "rpush"])
async def test_what_somebody_else_has_put_there_is_dropped(redis_corner: RedisCorner, disturbed: str) -> None:
    async with redis_client(redis_corner.url, timeout_s=5) as client:
        cache = RedisCache(client, monotonic, ttl_s=60, prefix=redis_corner.prefix, patience_s=5)
        for key in "abc":
            await getattr(client, disturbed)(redis_corner.prefix + key, "nonsense")

        assert await cache.get("a") is None
        await cache.put("b", b"first", 1)
        await cache.outdate("c", 1)

        assert await cache.get("b") == b"first"
        assert await cache.get("c") is None


@pytest.mark.server
async def test_a_version_that_is_none_does_not_stand_in_the_way(redis_corner: RedisCorner) -> None:
    async with redis_client(redis_corner.url, timeout_s=5) as client:
        cache = RedisCache(client, monotonic, ttl_s=60, prefix=redis_corner.prefix, patience_s=5)
        await client.hset(f"{redis_corner.prefix}a", "version", "nonsense")

        await cache.put("a", b"first", 1)

        assert await cache.get("a") == b"first"


@pytest.fixture(params=["refuses", "is silent"])
def dead_redis(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """A server that refuses connections, or takes them and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0)
        if request.param == "is silent":
            listener.listen()
        yield listener


def connections_to(listener: socket.socket) -> int:
    """How many there were since they were counted last."""
    count = 0
    with suppress(OSError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count


async def test_a_dead_redis_costs_a_moment_and_is_left_alone_for_a_second(
    dead_redis: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    async with redis_client(f"redis://127.0.0.1:{dead_redis.getsockname()[1]}") as client:
        cache = RedisCache(client, lambda: now, ttl_s=60)
        began = perf_counter()
        with pytest.raises(CacheUnavailableError):
            await cache.get("a")
        took_s = perf_counter() - began
        first = connections_to(dead_redis)

        for ask in (cache.get("a"), cache.put("a", b"", 1), cache.outdate("a", 1), cache.drop("a")):
            with pytest.raises(CacheUnavailableError):
                await ask
        paused = connections_to(dead_redis)
        now = 1.0
        with pytest.raises(CacheUnavailableError):
            await cache.get("a")
        again = connections_to(dead_redis)

    # A silent one takes the 40 ms that it is given, and what a busy machine adds; the client alone would wait for 500.
    assert took_s < 0.4
    assert (paused, again) == (0, first)
    assert len(caplog.records) == 1
