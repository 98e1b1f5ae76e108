"""Reading by way of a cache: it may save reads, and it may do no harm."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from attrs import define, field

from quayside.adapters.memory import MemoryCache
from quayside.core.resilience import Cache, CacheAside, CacheUnavailableError, CacheUse

T = TypeVar("T")

TTL_S = 60


@define(eq=False)
class Truth:
    """
    A number that only grows, so that it is its own version; what is wrong with it is the error that reading it raises.
    """

    number: int = 1
    wrong: Exception | None = None
    reads: int = 0
    going: asyncio.Event = field(factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        self.going.set()

    async def read(self) -> int:
        self.reads += 1
        number = self.number
        await self.going.wait()
        if self.wrong:
            raise self.wrong
        return number


@define(eq=False)
class World:
    """A cache in memory that can be away, and a truth."""

    now: float = 0.0
    is_away: bool = False
    truth: Truth = field(factory=Truth)
    uses: Counter[CacheUse] = field(factory=Counter)
    cache: MemoryCache = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.cache = MemoryCache(lambda: self.now, ttl_s=TTL_S, most=10)

    def aside(self) -> CacheAside[int]:
        """What reads by way of it."""
        return CacheAside(
            cache=_Away(self),
            encode=lambda number: str(number).encode(),
            decode=lambda _, copy: int(copy),
            version_of=lambda number: number,
            ttl_s=TTL_S,
            monotonic=lambda: self.now,
            observe=lambda use: self.uses.update([use]),
        )


@define(eq=False)
class _Away(Cache):
    world: World

    async def get(self, key: str) -> bytes | None:
        return await self._asked(self.world.cache.get, key)

    async def put(self, key: str, copy: bytes, version: int) -> None:
        await self._asked(self.world.cache.put, key, copy, version)

    async def outdate(self, key: str, version: int) -> None:
        await self._asked(self.world.cache.outdate, key, version)

    async def drop(self, key: str) -> None:
        await self._asked(self.world.cache.drop, key)

    async def _asked(self, ask: Callable[..., Awaitable[T]], *what: object) -> T:
        if self.world.is_away:
            raise CacheUnavailableError
        return await ask(*what)


@pytest.fixture
def world() -> World:
    """Nothing is cached."""
    return World()


async def has_read(truth: Truth, times: int) -> None:
    async with asyncio.timeout(5):
        while truth.reads < times:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)


async def test_a_second_reader_is_given_the_copy(world: World) -> None:
    aside = world.aside()

    numbers = [await aside.get("a", world.truth.read) for _ in range(3)]

    assert (numbers, world.truth.reads) == ([1, 1, 1], 1)
    assert world.uses == {CacheUse.MISS: 1, CacheUse.HIT: 2}


async def test_of_a_hundred_who_miss_at_once_one_reads(world: World) -> None:
    aside = world.aside()

    numbers = await asyncio.gather(*(aside.get("a", world.truth.read) for _ in range(100)))

    assert (set(numbers), world.truth.reads) == ({1}, 1)


async def test_keys_do_not_wait_for_each_other(world: World) -> None:
    aside, other = world.aside(), Truth(7)
    world.truth.going.clear()
    waiting = asyncio.create_task(aside.get("a", world.truth.read))
    await asyncio.sleep(0)

    assert await aside.get("b", other.read) == 7
    world.truth.going.set()
    assert await waiting == 1


async def test_whoever_changed_it_does_not_wait_for_those_who_read_before(world: World) -> None:
    aside = world.aside()
    world.truth.going.clear()
    before = asyncio.create_task(aside.get("a", world.truth.read))
    await has_read(world.truth, 1)

    world.truth.number = 2
    await aside.outdate("a", 2)
    after = asyncio.create_task(aside.get("a", world.truth.read))
    await has_read(world.truth, 2)
    world.truth.going.set()

    assert (await before, await after) == (1, 2)
    assert await aside.get("a", world.truth.read) == 2  # what was read before has not come back
    assert world.truth.reads == 2


async def test_whoever_gives_up_does_not_take_it_from_the_others(world: World) -> None:
    aside = world.aside()
    world.truth.going.clear()
    first, second = (asyncio.create_task(aside.get("a", world.truth.read)) for _ in range(2))
    await has_read(world.truth, 1)

    first.cancel()
    await asyncio.sleep(0)
    world.truth.going.set()

    assert await second == 1
    assert world.truth.reads == 1


async def test_what_cannot_be_read_fails_for_all_and_is_tried_anew_by_the_next(world: World) -> None:
    aside = world.aside()
    world.truth.wrong = LookupError("gone")

    failures = await asyncio.gather(
        *(aside.get("a", world.truth.read) for _ in range(3)), return_exceptions=True
    )
    world.truth.wrong = None

    assert [type(failure) for failure in failures] == [LookupError] * 3
    assert await aside.get("a", world.truth.read) == 1


async def test_a_corrupted_copy_is_dropped_and_read_through(world: World) -> None:
    aside = world.aside()
    await world.cache.put("a", b"nonsense", 99)

    numbers = [await aside.get("a", world.truth.read) for _ in range(2)]

    assert (numbers, world.truth.reads) == ([1, 1], 1)
    assert world.uses == {CacheUse.CORRUPTED: 1, CacheUse.HIT: 1}


async def test_a_cache_that_is_away_fails_nobody(world: World) -> None:
    aside = world.aside()
    world.is_away = True

    assert [await aside.get("a", world.truth.read) for _ in range(2)] == [1, 1]
    assert world.uses[CacheUse.HIT] == 0
    assert world.uses[CacheUse.ERROR] > 0


async def test_a_cache_that_was_not_told_of_a_change_is_not_asked_until_what_it_has_is_too_old(
    world: World,
) -> None:
    aside = world.aside()
    await aside.get("a", world.truth.read)
    world.truth.number, world.is_away = 2, True

    with pytest.raises(CacheUnavailableError):
        await aside.outdate("a", 2)
    world.is_away = False

    assert await aside.get("a", world.truth.read) == 2
    world.now += TTL_S
    assert await aside.get("a", world.truth.read) == 2
    assert await aside.get("a", world.truth.read) == 2
    assert world.uses[CacheUse.HIT] == 1
