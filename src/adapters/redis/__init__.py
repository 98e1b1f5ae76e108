"""Rate limits on Redis 6 or later, shared by any number of processes and off the database."""

from .client import redis_client
from .rate_limiter import RedisRateLimiter

__all__ = ["RedisRateLimiter", "redis_client"]
