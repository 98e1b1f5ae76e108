"""A client of Redis that would rather fail than wait."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

_TIMEOUT_S = 0.25


def redis_client(url: str) -> Redis:
    """
    A client of the server at *url* (``redis://``, ``rediss://``, ``unix://``), as an asynchronous context manager.

    It connects when it is first used. Connecting, and each answer, may take a quarter of a second; what fails is tried
    once more, because a connection that the pool has kept may have died with the server's last restart.

    Raises:
        ValueError: *url* is not one of these.
    """
    return Redis.from_url(
        url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), retries=1),
    )
