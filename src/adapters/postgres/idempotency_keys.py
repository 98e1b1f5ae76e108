"""Idempotency keys in PostgreSQL, for all processes on one database."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from ...core.kernel import Clock, CustomerId, FieldCipher, FieldPlace, NoFieldCipher
from ...core.resilience import Claim, KeyTerms, KeyUse
from .connection import Connection, Lend
from .errors import DatabaseConnectionError
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


class _AnswerLostError(DatabaseConnectionError):
    """The connection was lost, so that nobody knows whether it was done."""


@define(eq=False)
class PostgresIdempotencyKeys:
    """
    Rows of ``idempotency_key``.

    Where a connection is lost, nobody may have heard that a key is claimed, or know that its claim has not ended, and
    whoever asks again would wait for the lease to end. So what was sent is sent once more on another connection: an
    attempt is known by its id, and what it has done before it does not do twice.

    Args:
        clock: What leases are measured by; the processes' clocks should agree to the second.
        cipher: Encrypts answers that show something personal.
    """

    _lend: Lend
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
        row = await self._sent(_SQL["claim"], parameters)
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
        async with self._lend() as connection:
            return (await connection.execute(_SQL["discard_expired"], parameters)).rowcount

    async def _end(self, query: bytes, claim: Claim, **parameters: object) -> None:
        await self._sent(query, {"key": claim.key, "attempt": claim.attempt, **parameters})

    async def _sent(self, query: bytes, parameters: Mapping[str, object]) -> Mapping[str, Any] | None:
        try:
            return await self._sent_once(query, parameters)
        except _AnswerLostError:
            return await self._sent_once(query, parameters)

    async def _sent_once(self, query: bytes, parameters: Mapping[str, object]) -> Mapping[str, Any] | None:
        async with self._lend() as connection:
            try:
                cursor = await connection.execute(query, parameters)
            except DatabaseConnectionError as error:
                if connection.closed:
                    raise _AnswerLostError from error
                raise
            return await cursor.fetchone() if cursor.description else None


@frozen
class PostgresKeptAnswers:
    """What was answered about customers, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def erase_of(self, customer_id: CustomerId) -> None:
        await self._connection.execute(_SQL["erase_of"], {"customer_id": customer_id})


def _place(operation_id: UUID) -> FieldPlace:
    return FieldPlace(SEALED_ANSWERS.name, operation_id, "answer")
