"""Keeping trouble small, as pure state machines."""

from .cache import Cache, CacheAside, CacheUnavailableError, CacheUse
from .idempotency import (
    Claim,
    IdempotencyInProgressError,
    IdempotencyKeyReusedError,
    IdempotencyKeys,
    KeyTerms,
    KeyUse,
)
from .rate_limit import RateCounter, RateLimit, RateLimiter, RateLimitExceededError, RateVerdict

__all__ = [
    "Cache",
    "CacheAside",
    "CacheUnavailableError",
    "CacheUse",
    "Claim",
    "IdempotencyInProgressError",
    "IdempotencyKeyReusedError",
    "IdempotencyKeys",
    "KeyTerms",
    "KeyUse",
    "RateCounter",
    "RateLimit",
    "RateLimitExceededError",
    "RateLimiter",
    "RateVerdict",
]
