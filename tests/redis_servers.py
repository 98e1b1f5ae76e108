"""A Redis for the tests that need one."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from attrs import frozen
from redis import Redis
from redis.exceptions import RedisError


@frozen
class RedisCorner:
    """
    Keys on a server that nobody else uses.

    Args:
        prefix: What each of them begins with.
    """

    url: str
    prefix: str


@pytest.fixture(scope="session")
def redis_server() -> str:
    """A server that runs anyway, at QUAYSIDE_TEST_REDIS_URL; it may be missing, but not in CI."""
    url = os.environ.get("QUAYSIDE_TEST_REDIS_URL", "redis://127.0.0.1:6379")
    try:
        with Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except RedisError as error:
        if os.environ.get("CI"):
            pytest.fail(f"QUAYSIDE_TEST_REDIS_URL: {error}")
        pytest.skip(f"QUAYSIDE_TEST_REDIS_URL: {error}")
    return url


@pytest.fixture
def redis_corner(redis_server: str) -> Iterator[RedisCorner]:
    """An empty corner, emptied again at the end."""
    corner = RedisCorner(redis_server, f"quayside_test_{uuid4().hex}:")
    yield corner
    with Redis.from_url(redis_server) as client:
        for key in client.scan_iter(match=f"{corner.prefix}*", count=1_000):
            client.delete(key)
