"""Copies in Redis, for all processes that share one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs import define, field
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError, ResponseError

from ...core.resilience import CacheUnavailableError
from .scripts import script

_log = logging.getLogger(__name__)

T = TypeVar("T")

_PATIENCE_S = 0.04
_PAUSE_S = 1.0


@define(eq=False)
class RedisCache:
    """
    A hash a key, which Redis drops by itself when its time is over.

    Whoever waits for it waits for the patience at most. Once it has not answered it is left alone for a second, so that
    a dead one costs next to nothing; it is logged when that begins and when it ends.

    Args:
        client: Lends connections; `redis_client` makes one.
        monotonic: Seconds that never step back.
        ttl_s: How long a copy is kept, in seconds.
        prefix: What the name of every key begins with.
        patience_s: How long an answer may take, in seconds, connecting included.
    """

    _client: Redis
    _monotonic: Callable[[], float]
    _ttl_s: float = field(kw_only=True)
    _prefix: str = field(default="quayside:cache:", kw_only=True)
    _patience_s: float = field(default=_PATIENCE_S, kw_only=True)
    _put: AsyncScript = field(init=False)
    _asked_again_at: float | None = field(default=None, init=False)  # None: it answers

    def __attrs_post_init__(self) -> None:
        self._put = self._client.register_script(script("put"))

    async def get(self, key: str) -> bytes | None:
        async def get() -> bytes | None:
            try:
                copy = await self._client.hget(self._prefix + key, "copy")
            except ResponseError:  # somebody has put something else there
                await self._client.delete(self._prefix + key)
                return None
            return copy if isinstance(copy, bytes) else None  # as the client is told to

        return await self._asked(get)

    async def put(self, key: str, copy: bytes, version: int) -> None:
        await self._know(key, version, copy)

    async def outdate(self, key: str, version: int) -> None:
        await self._know(key, version)

    async def drop(self, key: str) -> None:
        async def drop() -> None:
            await self._client.delete(self._prefix + key)

        await self._asked(drop)

    async def _know(self, key: str, version: int, *copy: bytes) -> None:
        async def know() -> None:
            await self._put(keys=[self._prefix + key], args=[version, round(self._ttl_s * 1000), *copy])

        await self._asked(know)

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T:
        if self._asked_again_at is not None and self._monotonic() < self._asked_again_at:
            raise CacheUnavailableError
        try:
            async with asyncio.timeout(self._patience_s):
                answer = await ask()
        except (RedisError, TimeoutError) as error:
            if self._asked_again_at is None:
                _log.warning("Redis does not answer (%s): it is read without a cache.", type(error).__name__)
            self._asked_again_at = self._monotonic() + _PAUSE_S
            raise CacheUnavailableError from error
        if self._asked_again_at is not None:
            _log.info("Redis answers again: it is read by way of the cache.")
        self._asked_again_at = None
        return answer
