"""Rate limits in memory, for one process."""

from attrs import define, field

from ...core.kernel import Clock
from ...core.resilience import RateCounter, RateLimit, RateVerdict

_SWEEP_AT_LEAST_ABOVE = 1_000


@define(eq=False)
class MemoryRateLimiter:
    """
    Counters by name of limit and key. Nothing is awaited, so each step is atomic.

    Whenever there are twice as many as were worth keeping the last time, those that make no difference are dropped.
    """

    _clock: Clock
    _counters: dict[tuple[str, str], RateCounter] = field(factory=dict)
    _sweep_above: int = field(default=_SWEEP_AT_LEAST_ABOVE, init=False)

    async def hit(self, limit: RateLimit, key: str) -> RateVerdict:
        now = self._clock()
        counter = limit.counted(self._counters.get((limit.name, key)), now)
        self._counters[limit.name, key] = counter
        if len(self._counters) > self._sweep_above:
            self._sweep()
        return limit.verdict(counter, now)

    async def give_back(self, limit: RateLimit, key: str) -> None:
        if counter := self._counters.get((limit.name, key)):
            self._counters[limit.name, key] = limit.given_back(counter, self._clock())

    def _sweep(self) -> None:
        now = self._clock()
        for key in [key for key, counter in self._counters.items() if counter.forgotten_at <= now]:
            del self._counters[key]
        self._sweep_above = max(_SWEEP_AT_LEAST_ABOVE, 2 * len(self._counters))
