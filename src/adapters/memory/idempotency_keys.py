"""Idempotency keys in memory, for one process."""

from uuid import UUID

from attrs import define, evolve, field

from ...core.kernel import Clock
from ...core.resilience import Claim, KeyTerms, KeyUse

_SWEEP_AT_LEAST_ABOVE = 1_000


@define(eq=False)
class MemoryIdempotencyKeys:
    """
    Uses by key. Nothing is awaited, so each step is atomic.

    Whenever there are twice as many as were worth keeping the last time, those that are over are dropped.
    """

    _clock: Clock
    _terms: KeyTerms
    _uses: dict[bytes, KeyUse] = field(factory=dict)
    _sweep_above: int = field(default=_SWEEP_AT_LEAST_ABOVE, init=False)

    async def claim(self, key: bytes, fingerprint: bytes, attempt: UUID) -> Claim | bytes:
        now = self._clock()
        wanted = self._terms.use_of(key, fingerprint, attempt, now)
        present = self._uses.get(key)
        use = self._uses[key] = present.after(wanted, now) if present else wanted
        if len(self._uses) > self._sweep_above:
            self._sweep()
        return use.outcome_for(wanted)

    async def keep(self, claim: Claim, answer: bytes) -> None:
        if use := self._of(claim):
            self._uses[claim.key] = evolve(use, answer=answer)

    async def free(self, claim: Claim) -> None:
        if self._of(claim):
            del self._uses[claim.key]

    async def leave(self, claim: Claim) -> None:
        if use := self._of(claim):
            self._uses[claim.key] = evolve(use, leased_until=self._clock())

    def _of(self, claim: Claim) -> KeyUse | None:
        use = self._uses.get(claim.key)
        return use if use and use.attempt == claim.attempt else None

    def _sweep(self) -> None:
        now = self._clock()
        for key in [key for key, use in self._uses.items() if use.is_over(now)]:
            del self._uses[key]
        self._sweep_above = max(_SWEEP_AT_LEAST_ABOVE, 2 * len(self._uses))
