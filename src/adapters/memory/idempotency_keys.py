"""Idempotency keys in memory, for one process."""

from uuid import UUID

from attrs import define, evolve, field

from ...core.kernel import Clock
from ...core.resilience import Claim, KeyTerms, KeyUse


@define(eq=False)
class MemoryIdempotencyKeys:
    """
    Uses by key. Nothing is awaited, so each step is atomic.
    """

    _clock: Clock
    _terms: KeyTerms
    _uses: dict[bytes, KeyUse] = field(factory=dict)

    async def claim(self, key: bytes, fingerprint: bytes, attempt: UUID) -> Claim | bytes:
        now = self._clock()
        wanted = self._terms.use_of(key, fingerprint, attempt, now)
        present = self._uses.get(key)
        use = self._uses[key] = present.after(wanted, now) if present else wanted
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

    async def discard_expired(self, limit: int) -> int:
        now = self._clock()
        over = [key for key, use in self._uses.items() if use.is_over(now)][:limit]
        for key in over:
            del self._uses[key]
        return len(over)

    def _of(self, claim: Claim) -> KeyUse | None:
        use = self._uses.get(claim.key)
        return use if use and use.attempt == claim.attempt else None
