"""Keeping trouble small, as pure state machines."""

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
