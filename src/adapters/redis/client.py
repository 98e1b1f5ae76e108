"""A client of Redis that would rather fail than wait."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


def redis_client(url: str, *, timeout_s: float = 0.25) -> Redis:
    """
    A client of the server at *url* (``redis://``, ``rediss://``, ``unix://``), as an asynchronous context manager.

    It connects when it is first used. What fails is tried once more, because a connection that the pool has kept may
    have died with the server's last restart.

    Args:
        timeout_s: How long connecting, and each answer, may take.

    Raises:
        ValueError: *url* is not one of these.
    """
    return Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), retries=1),
    )
