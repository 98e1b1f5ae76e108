"""Rate limits and copies on Redis 6 or later, shared by any number of processes and off the database."""

from ...core.kernel import require

with require("redis"):
    from .cache import RedisCache
    from .client import redis_client
    from .rate_limiter import RedisRateLimiter

__all__ = ["RedisCache", "RedisRateLimiter", "redis_client"]
