"""Rate limits in Redis, for all processes that share one."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from ...core.kernel import Clock, UnavailableError
from ...core.resilience import RateCounter, RateLimit, RateLimiter, RateVerdict
from .scripts import script

_log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PAUSE = timedelta(seconds=1)


@define(eq=False)
class RedisRateLimiter:
    """
    A hash a counter, which Redis drops by itself when it makes no difference any more.

    While Redis does not answer, *meanwhile* counts: an outage of Redis must neither be one of the service nor open it
    to whoever guesses passwords. It is asked again after a second, and logged when that begins and when it ends.

    Args:
        client: Lends connections; `redis_client` makes one.
        clock: What windows are measured by; the processes' clocks should agree to the second.
        meanwhile: A limiter of this process alone.
        prefix: What the name of every counter begins with.
    """

    _client: Redis
    _clock: Clock
    _meanwhile: RateLimiter
    _prefix: str = field(default="quayside:rate:", kw_only=True)
    _hit: AsyncScript = field(init=False)
    _give_back: AsyncScript = field(init=False)
    _asked_again_at: datetime | None = field(default=None, init=False)  # None: it answers

    def __attrs_post_init__(self) -> None:
        self._hit = self._client.register_script(script("hit"))
        self._give_back = self._client.register_script(script("give_back"))

    async def hit(self, limit: RateLimit, key: str) -> RateVerdict:
        now = self._clock()
        answer = await self._run(
            self._hit, limit, key, now, limit.count, limit.window_s, limit.growth, limit.longest_wait_s
        )
        if answer is None:
            return await self._meanwhile.hit(limit, key)
        tries, length_s, ends_at = answer
        return limit.verdict(RateCounter(tries, length_s, _EPOCH + ends_at * _MICROSECOND), now)

    async def give_back(self, limit: RateLimit, key: str) -> None:
        if await self._run(self._give_back, limit, key, self._clock(), limit.count) is None:
            await self._meanwhile.give_back(limit, key)

    async def health(self) -> None:
        """
        Raises:
            UnavailableError: Redis does not answer.
        """
        try:
            await self._client.ping()
        except RedisError as error:
            raise UnavailableError("Redis does not answer.") from error

    async def _run(self, script: AsyncScript, limit: RateLimit, key: str, now: datetime, *facts: int) -> Any:
        """What Redis answers; None if it does not."""
        if self._asked_again_at is not None and now < self._asked_again_at:
            return None
        arguments = [(now - _EPOCH) // _MICROSECOND, *facts]
        try:
            answer = await script(keys=[self._prefix + limit.counter_id(key)], args=arguments)
        except RedisError as error:
            if self._asked_again_at is None:
                _log.warning(
                    "Redis does not answer (%s): each process counts for itself.", type(error).__name__
                )
            self._asked_again_at = now + _PAUSE
            return None
        if self._asked_again_at is not None:
            _log.info("Redis answers again: all processes count together.")
        self._asked_again_at = None
        return answer
