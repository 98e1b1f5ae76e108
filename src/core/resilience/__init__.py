"""Keeping trouble small, as pure state machines."""

from .rate_limit import RateCounter, RateLimit, RateLimiter, RateLimitExceededError, RateVerdict

__all__ = ["RateCounter", "RateLimit", "RateLimitExceededError", "RateLimiter", "RateVerdict"]
