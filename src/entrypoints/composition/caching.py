"""Where copies of payments are kept, and who says that they are outdated."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from uuid import UUID

from attrs import frozen

from ...adapters.memory import MemoryCache
from ...adapters.telemetry.metrics import PrometheusMetrics
from ...core.eventlog import StreamId
from ...core.payments import Payment, PaymentId, PaymentLookup
from ...core.resilience import Cache, CacheAside, CacheUnavailableError
from ..settings import Settings

CACHED = "payment"
"""The category of the streams whose subjects are cached."""


@frozen
class PaymentCache:
    """
    Copies of payments.

    Args:
        is_shared: Whether other processes read them, too.
    """

    is_shared: bool
    _reads: CacheAside[Payment]
    _shape: str

    def reading(self, payments: PaymentLookup) -> PaymentLookup:
        """*payments*, by way of the copies."""
        return _CachedPayments(payments, self._reads, self._key)

    async def outdate(self, stream: StreamId, version: int) -> None:
        """
        Drop what is older than *version*.

        Raises:
            CacheUnavailableError: that could not be said.
        """
        await self._reads.outdate(self._key(stream.id), version)

    async def told(self, grown: Mapping[StreamId, int]) -> None:
        """Drop what was changed here; where that fails, whoever follows the log makes up for it."""
        for stream, version in grown.items():
            if stream.category == CACHED:
                with suppress(CacheUnavailableError):
                    await self.outdate(stream, version)

    def _key(self, payment_id: UUID) -> str:
        return f"payment:{self._shape}:{payment_id}"


@frozen
class _CachedPayments:
    _payments: PaymentLookup
    _reads: CacheAside[Payment]
    _key: Callable[[UUID], str]

    async def get(self, payment_id: PaymentId) -> Payment:
        return await self._reads.get(self._key(payment_id), partial(self._payments.get, payment_id))


@asynccontextmanager
async def payment_cache_of(
    settings: Settings, monotonic: Callable[[], float], metrics: PrometheusMetrics
) -> AsyncIterator[PaymentCache | None]:
    """
    The cache that *settings* name; None for none.

    Raises:
        MissingExtraError: it is in Redis, whose client is not installed.
    """
    if settings.cache == "redis":
        assert settings.redis_url is not None  # or the settings would have been refused
        from ...adapters.redis import RedisCache, redis_client

        async with redis_client(settings.redis_url.get_secret_value()) as client:
            cache = RedisCache(client, monotonic, ttl_s=settings.cache_ttl_s)
            yield _payment_cache(cache, settings, monotonic, metrics)
    elif settings.cache == "memory":
        memory = MemoryCache(monotonic, ttl_s=settings.cache_ttl_s, most=settings.cache_size)
        yield _payment_cache(memory, settings, monotonic, metrics)
    else:
        yield None


def _payment_cache(
    cache: Cache, settings: Settings, monotonic: Callable[[], float], metrics: PrometheusMetrics
) -> PaymentCache:
    from ...adapters.serialization import (
        PAYMENT_SHAPE,
        decode_payment,
        encode_payment,
    )

    def decode(key: str, copy: bytes) -> Payment:
        payment = decode_payment(copy)
        if not key.endswith(f":{payment.id}"):
            raise ValueError("the copy of another payment")
        return payment

    reads = CacheAside(
        cache=cache,
        encode=encode_payment,
        decode=decode,
        version_of=lambda payment: payment.version,
        ttl_s=settings.cache_ttl_s,
        monotonic=monotonic,
        observe=partial(metrics.observe_cache, "payments"),
    )
    return PaymentCache(settings.cache == "redis", reads, PAYMENT_SHAPE)
