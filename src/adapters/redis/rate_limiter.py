"""Rate limits in Redis, for all processes that share one."""

import logging
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

from attrs import define, field
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from ...core.kernel import Clock
from ...core.resilience import RateCounter, RateLimit, RateVerdict

_log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@define(eq=False)
class RedisRateLimiter:
    """
    A hash a counter, which Redis drops by itself when it makes no difference any more.

    While Redis does not answer, everything is let through, as if each hit were the first: an outage of Redis must not
    be one of the service. It is logged when that begins, and when it ends.

    Args:
        client: Lends connections; `redis_client` makes one.
        clock: What windows are measured by; the processes' clocks should agree to the second.
        prefix: What the name of every counter begins with.
    """

    _client: Redis
    _clock: Clock
    _prefix: str = field(default="quayside:rate:", kw_only=True)
    _hit: AsyncScript = field(init=False)
    _give_back: AsyncScript = field(init=False)
    _answers: bool = field(default=True, init=False)

    def __attrs_post_init__(self) -> None:
        self._hit = self._client.register_script(_script("hit"))
        self._give_back = self._client.register_script(_script("give_back"))

    async def hit(self, limit: RateLimit, key: str) -> RateVerdict:
        now = self._clock()
        answer = await self._run(
            self._hit, limit, key, now, limit.count, limit.window_s, limit.growth, limit.longest_wait_s
        )
        if answer is None:
            return limit.verdict(limit.counted(None, now), now)
        tries, length_s, ends_at = answer
        return limit.verdict(RateCounter(tries, length_s, _EPOCH + ends_at * _MICROSECOND), now)

    async def give_back(self, limit: RateLimit, key: str) -> None:
        await self._run(self._give_back, limit, key, self._clock(), limit.count)

    async def _run(self, script: AsyncScript, limit: RateLimit, key: str, now: datetime, *facts: int) -> Any:
        arguments = [(now - _EPOCH) // _MICROSECOND, *facts]
        try:
            answer = await script(keys=[self._prefix + limit.counter_id(key)], args=arguments)
        except RedisError as error:
            if self._answers:
                _log.warning("Redis does not answer (%s): no rate is limited.", type(error).__name__)
            self._answers = False
            return None
        if not self._answers:
            _log.info("Redis answers again: rates are limited.")
        self._answers = True
        return answer


def _script(name: str) -> str:
    return files(__package__).joinpath(f"lua/{name}.lua").read_text("utf-8")
