"""Idempotency keys in PostgreSQL, for all processes on one database."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from attrs import define

from ...core.kernel import Clock
from ...core.resilience import Claim, KeyTerms, KeyUse
from .connection import Connection
from .queries import named_queries

_SQL = named_queries("idempotency_keys")


@define(eq=False)
class PostgresIdempotencyKeys:
    """
    Rows of ``idempotency_key``.

    Args:
        connect: Lends a connection in autocommit; each statement stands for itself.
        clock: What leases are measured by; the processes' clocks should agree to the second.
    """

    _connect: Callable[[], AbstractAsyncContextManager[Connection]]
    _clock: Clock
    _terms: KeyTerms

    async def claim(self, key: bytes, fingerprint: bytes, attempt: UUID) -> Claim | bytes:
        now = self._clock()
        wanted = self._terms.use_of(key, fingerprint, attempt, now)
        parameters = {
            "key": key,
            "fingerprint": fingerprint,
            "attempt": attempt,
            "leased_until": wanted.leased_until,
            "expires_at": wanted.expires_at,
            "at": now,
        }
        async with self._connect() as connection:
            row = await (await connection.execute(_SQL["claim"], parameters)).fetchone()
        assert row is not None  # a row is made or looked at, always
        return KeyUse(**row).outcome_for(wanted)

    async def keep(self, claim: Claim, answer: bytes) -> None:
        await self._end(_SQL["keep"], claim, answer=answer)

    async def free(self, claim: Claim) -> None:
        await self._end(_SQL["free"], claim)

    async def leave(self, claim: Claim) -> None:
        await self._end(_SQL["leave"], claim, at=self._clock())

    async def discard_expired(self, limit: int) -> int:
        parameters = {"at": self._clock(), "limit": limit}
        async with self._connect() as connection:
            return (await connection.execute(_SQL["discard_expired"], parameters)).rowcount

    async def _end(self, query: bytes, claim: Claim, **parameters: object) -> None:
        async with self._connect() as connection:
            await connection.execute(query, {"key": claim.key, "attempt": claim.attempt, **parameters})
