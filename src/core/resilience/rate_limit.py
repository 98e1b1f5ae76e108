"""How often something may happen."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from attrs import evolve, frozen

from ..kernel import Category, QuaysideError


@frozen
class RateCounter:
    """
    What is remembered of the hits on one limit by one key.

    Args:
        tries: How many came in this window, refused ones included.
        length_s: How long the window lasts, in seconds.
        ends_at: When it ends.
    """

    tries: int
    length_s: int
    ends_at: datetime

    @property
    def forgotten_at(self) -> datetime:
        """From when on it makes no difference: as long after its window as that lasted."""
        return self.ends_at + timedelta(seconds=self.length_s)


@frozen
class RateVerdict:
    """
    What a limiter says of one hit.

    Args:
        allowed: Whether it was counted; what is refused is not.
        limit: How often it may happen in a window.
        remaining: How often it may still happen in this one.
        reset_after_s: Whole seconds until the window ends, rounded up; when refused, until it may be tried again.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_after_s: int


@frozen
class RateLimit:
    """
    So many in so long.

    Args:
        name: What is counted, ``login_failures_of_account``; part of the counter's key.
        count: How often it may happen in a window.
        window_s: Length of a window in seconds; it begins with the first hit.
        growth: How many times as long as a window that was used up the next one is; 1: no longer. A window that
            begins only after as much time again has passed is a first one.
        longest_wait_s: What a window does not grow beyond, in seconds.
    """

    name: str
    count: int
    window_s: int
    growth: int = 1
    longest_wait_s: int = 24 * 60 * 60

    def counted(self, counter: RateCounter | None, at: datetime) -> RateCounter:
        """
        What *counter* becomes by a hit.

        The whole algorithm; the statement of PostgreSQL and the script of Redis say the same in their languages.
        """
        if counter is None or at >= counter.ends_at:
            length_s = self._length_after(counter, at)
            return RateCounter(1, length_s, at + timedelta(seconds=length_s))
        # Where the clock was set back, the end would be further off than the window is long.
        ends_at = min(counter.ends_at, at + timedelta(seconds=counter.length_s))
        return RateCounter(counter.tries + 1, counter.length_s, ends_at)

    def given_back(self, counter: RateCounter, at: datetime) -> RateCounter:
        """What *counter* becomes when a hit that was allowed turns out not to count."""
        if at >= counter.ends_at:
            return counter
        return evolve(counter, tries=max(min(counter.tries, self.count) - 1, 0))

    def verdict(self, counter: RateCounter, at: datetime) -> RateVerdict:
        """What the latest hit on *counter* is told."""
        left = counter.ends_at - at
        return RateVerdict(
            allowed=counter.tries <= self.count,
            limit=self.count,
            remaining=max(self.count - counter.tries, 0),
            # To divide one time by another takes five times as long, at every request.
            reset_after_s=left.days * 86_400 + left.seconds + (left.microseconds > 0),
        )

    def counter_id(self, key: str) -> str:
        """What the counter of *key* is stored under: short, and without what may be personal in it."""
        return f"{self.name}:{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"

    def _length_after(self, counter: RateCounter | None, at: datetime) -> int:
        if counter is None or counter.tries < self.count or at >= counter.forgotten_at:
            return self.window_s
        return max(self.window_s, min(counter.length_s * self.growth, self.longest_wait_s))


class RateLimitExceededError(QuaysideError):
    """
    Too many, too fast.

    Args:
        verdict: What the limiter said.
    """

    code = "rate_limit_exceeded"
    category = Category.RATE_LIMIT

    def __init__(self, verdict: RateVerdict) -> None:
        super().__init__("Too many requests. Try again later.")
        self.verdict = verdict


class RateLimiter(Protocol):
    """
    Counters by limit and key, each step atomic among all who share them. Contract: tests/contract/test_rate_limiter.py.

    They are outside every transaction: what rolls back stays counted. Where they are kept may be out of reach; then
    an adapter either counts elsewhere and logs that it does, or raises UnavailableError. Each says which.
    """

    async def hit(self, limit: RateLimit, key: str) -> RateVerdict:
        """Count one, if the limit allows it."""
        ...

    async def give_back(self, limit: RateLimit, key: str) -> None:
        """Take back one hit that was allowed, never below none: it turned out not to count."""
        ...
