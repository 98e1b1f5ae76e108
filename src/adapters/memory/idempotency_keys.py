"""Idempotency keys in memory, for one process."""

from collections.abc import Container
from datetime import UTC, datetime
from uuid import UUID

from attrs import define, evolve, field, frozen

from ...core.kernel import Clock, CustomerId
from ...core.resilience import Claim, KeyTerms, KeyUse
from .rows import Rows

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@define(eq=False)
class MemoryIdempotencyKeys:
    """
    Uses by key. Nothing is awaited, so each step is atomic.

    Args:
        erased: Customers of whom nothing personal is kept any more.
    """

    _clock: Clock
    _terms: KeyTerms
    _uses: dict[bytes, KeyUse] = field(factory=dict)
    _erased: Container[CustomerId] = ()

    async def claim(self, key: bytes, fingerprint: bytes, attempt: UUID) -> Claim | bytes:
        now = self._clock()
        wanted = self._terms.use_of(key, fingerprint, attempt, now)
        present = self._uses.get(key)
        use = self._uses[key] = present.after(wanted, now) if present else wanted
        return use.outcome_for(wanted)

    async def keep(self, claim: Claim, answer: bytes, *, customer_id: CustomerId | None = None) -> None:
        use = self._of(claim)
        if use and customer_id not in self._erased:
            self._uses[claim.key] = evolve(use, answer=answer, customer_id=customer_id)

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


@frozen
class MemoryKeptAnswers:
    """What was answered about customers, in one transaction."""

    _uses: Rows[bytes, KeyUse]

    async def erase_of(self, customer_id: CustomerId) -> None:
        for use in list(self._uses.values()):
            if use.customer_id == customer_id:
                self._uses[use.key] = evolve(use, answer=None, customer_id=None, leased_until=_LONG_AGO)
