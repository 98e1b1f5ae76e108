"""Idempotency keys in PostgreSQL, for all processes on one database."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from attrs import define, field, frozen

from ...core.kernel import Clock, CustomerId, FieldCipher, FieldPlace, NoFieldCipher
from ...core.resilience import Claim, KeyTerms, KeyUse
from .connection import Connection
from .field_rotation import SealedTable
from .queries import named_queries

_SQL = named_queries("idempotency_keys")
SEALED_ANSWERS = SealedTable(
    "idempotency_key",
    ("answer",),
    count_outdated=_SQL["count_outdated"],
    lock_outdated=_SQL["lock_outdated"],
    replace=_SQL["replace"],
)


@define(eq=False)
class PostgresIdempotencyKeys:
    """
    Rows of ``idempotency_key``.

    Args:
        connect: Lends a connection in autocommit; each statement stands for itself.
        clock: What leases are measured by; the processes' clocks should agree to the second.
        cipher: Encrypts answers that show something personal.
    """

    _connect: Callable[[], AbstractAsyncContextManager[Connection]]
    _clock: Clock
    _terms: KeyTerms
    _cipher: FieldCipher = field(factory=NoFieldCipher)

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
        use = KeyUse(**row)
        outcome = use.outcome_for(wanted)
        if isinstance(outcome, Claim) or use.customer_id is None:
            return outcome
        return self._cipher.open(outcome, _place(use.operation_id))

    async def keep(self, claim: Claim, answer: bytes, *, customer_id: CustomerId | None = None) -> None:
        if customer_id is not None:
            answer = self._cipher.seal(answer, _place(claim.operation_id))
        await self._end(_SQL["keep"], claim, answer=answer, customer_id=customer_id)

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


@frozen
class PostgresKeptAnswers:
    """What was answered about customers, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def erase_of(self, customer_id: CustomerId) -> None:
        await self._connection.execute(_SQL["erase_of"], {"customer_id": customer_id})


def _place(operation_id: UUID) -> FieldPlace:
    return FieldPlace(SEALED_ANSWERS.name, operation_id, "answer")
