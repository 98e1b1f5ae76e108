"""Copies of what is stored elsewhere, so that it need not be asked for each time."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from attrs import define, field

from ..kernel import UnavailableError

V = TypeVar("V")


class CacheUnavailableError(UnavailableError):
    """A cache does not answer now. Everything works without it."""

    def __init__(self) -> None:
        super().__init__("The cache does not answer.")


class Cache(Protocol):
    """
    Copies by key, each with the version of what it is a copy of. Any may be gone at any time, and none stays for longer
    than the cache's time to live. Contract: tests/contract/test_cache.py.

    All of its methods raise CacheUnavailableError where it does not answer.
    """

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, copy: bytes, version: int) -> None:
        """Keep *copy* instead of what there is, unless that is newer or *version* is known to be outdated."""
        ...

    async def outdate(self, key: str, version: int) -> None:
        """Drop what is older than *version*, and keep nothing older for as long as copies live."""
        ...

    async def drop(self, key: str) -> None:
        """Forget whatever there is."""
        ...


class CacheUse(StrEnum):
    """What came of asking a cache."""

    HIT = "hit"
    MISS = "miss"
    CORRUPTED = "corrupted"
    ERROR = "error"


@define(eq=False, kw_only=True)
class CacheAside(Generic[V]):
    """
    Reads by way of a cache. Whatever it does, or fails to do, the truth is read instead.

    Of those who miss the same at once, one reads, and the others wait for it; but whoever comes after `outdate` waits
    for nobody who came before. So whoever has changed something and said so reads at least that.

    Args:
        encode: Gives the copy that is kept.
        decode: Makes it out again; a ValueError says that it is none of a value of that key.
        version_of: Grows with every change.
        ttl_s: How long the cache keeps a copy, in seconds.
        monotonic: Seconds that never step back.
        observe: Told what came of asking the cache.
    """

    _cache: Cache
    _encode: Callable[[V], bytes]
    _decode: Callable[[str, bytes], V]
    _version_of: Callable[[V], int]
    _ttl_s: float
    _monotonic: Callable[[], float]
    _observe: Callable[[CacheUse], object]
    _reads: dict[str, asyncio.Task[V]] = field(factory=dict, init=False)
    _distrusted_until: float = field(default=0.0, init=False)

    async def get(self, key: str, read: Callable[[], Awaitable[V]]) -> V:
        """
        A copy of what is under *key*, or what *read* gives.

        Raises:
            Whatever *read* raises.
        """
        copy = await self._copy(key)
        if copy is not None:
            return copy
        if key not in self._reads:
            self._reads[key] = task = asyncio.create_task(self._read(key, read))
            task.add_done_callback(lambda task: self._ended(key, task))
        # Whoever gives up must not take it away from the others.
        return await asyncio.shield(self._reads[key])

    async def outdate(self, key: str, version: int) -> None:
        """
        Let nobody read anything older than *version* from now on.

        Raises:
            CacheUnavailableError: the cache was not told. Here it is not asked until its copies of today have run out.
        """
        self._reads.pop(key, None)
        try:
            await self._cache.outdate(key, version)
        except CacheUnavailableError:
            self._observe(CacheUse.ERROR)
            self._distrusted_until = self._monotonic() + self._ttl_s
            raise

    @property
    def _is_distrusted(self) -> bool:
        return self._monotonic() < self._distrusted_until

    async def _copy(self, key: str) -> V | None:
        if self._is_distrusted:
            return None
        try:
            copy = await self._cache.get(key)
            if copy is not None:
                value = self._decode(key, copy)
                self._observe(CacheUse.HIT)
                return value
            self._observe(CacheUse.MISS)
        except CacheUnavailableError:
            self._observe(CacheUse.ERROR)
        except ValueError:
            self._observe(CacheUse.CORRUPTED)
            await self._drop(key)
        return None

    async def _drop(self, key: str) -> None:
        try:
            await self._cache.drop(key)
        except CacheUnavailableError:
            self._observe(CacheUse.ERROR)

    async def _read(self, key: str, read: Callable[[], Awaitable[V]]) -> V:
        value = await read()
        if not self._is_distrusted:
            try:
                await self._cache.put(key, self._encode(value), self._version_of(value))
            except CacheUnavailableError:
                self._observe(CacheUse.ERROR)
        return value

    def _ended(self, key: str, task: asyncio.Task[V]) -> None:
        if self._reads.get(key) is task:
            del self._reads[key]
        if not task.cancelled():
            task.exception()  # somebody was told, or nobody waits for it any more
