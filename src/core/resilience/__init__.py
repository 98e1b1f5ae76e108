"""Keeping trouble small, as pure state machines."""

from .cache import Cache, CacheAside, CacheUnavailableError, CacheUse
from .circuit_breaker import CircuitBreaker, CircuitState, CircuitTerms, Permit
from .deadline import time_left_s, waited_for_until
from .idempotency import (
    Claim,
    IdempotencyInProgressError,
    IdempotencyKeyReusedError,
    IdempotencyKeys,
    KeyTerms,
    KeyUse,
)
from .observing import CallObserver, CallOutcome
from .rate_limit import RateCounter, RateLimit, RateLimiter, RateLimitExceededError, RateVerdict
from .retry import Effect, FailureClass, RetryTerms, failure_class
from .turns import asking_in, at_work_in, turn_to_ask

__all__ = [
    "Cache",
    "CacheAside",
    "CacheUnavailableError",
    "CacheUse",
    "CallObserver",
    "CallOutcome",
    "CircuitBreaker",
    "CircuitState",
    "CircuitTerms",
    "Claim",
    "Effect",
    "FailureClass",
    "IdempotencyInProgressError",
    "IdempotencyKeyReusedError",
    "IdempotencyKeys",
    "KeyTerms",
    "KeyUse",
    "Permit",
    "RateCounter",
    "RateLimit",
    "RateLimitExceededError",
    "RateLimiter",
    "RateVerdict",
    "RetryTerms",
    "asking_in",
    "at_work_in",
    "failure_class",
    "time_left_s",
    "turn_to_ask",
    "waited_for_until",
]
