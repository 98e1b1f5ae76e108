"""Where it is counted how often something happens."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from ...adapters.memory import MemoryRateLimiter
from ...core.kernel import Clock
from ...core.resilience import RateLimiter
from ..settings import Settings
from .storage import Storage

Probe = Callable[[], Awaitable[object]]
"""Returns if what it asks answers, else raises."""


@asynccontextmanager
async def shared_limiter(
    settings: Settings, storage: Storage, clock: Clock
) -> AsyncIterator[tuple[RateLimiter, Mapping[str, Probe]]]:
    """
    The limiter that all processes share: Redis where it is set, else the storage's own.

    With it comes, by its name, what it depends on beside the storage.
    """
    if settings.redis_url is None:
        yield storage.rate_limiter, {}
        return
    from ...adapters.redis import RedisRateLimiter, redis_client

    async with redis_client(settings.redis_url.get_secret_value()) as client:
        limiter = RedisRateLimiter(client, clock, MemoryRateLimiter(clock))
        yield limiter, {"redis": limiter.health}
