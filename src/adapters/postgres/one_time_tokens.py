"""Mailed tokens in PostgreSQL."""

from datetime import datetime

from attrs import frozen

from ...core.identity import OneTimeToken, TokenPurpose, UserNotFoundError
from ...core.kernel import UserId
from .connection import Connection
from .queries import named_queries

_SQL = named_queries("one_time_tokens")


@frozen
class PostgresOneTimeTokenRepository:
    """Rows of ``one_time_token``, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def add(self, token: OneTimeToken) -> None:
        parameters = {
            "token_hash": token.token_hash,
            "purpose": token.purpose,
            "user_id": token.user_id,
            "email": token.email,
            "expires_at": token.expires_at,
        }
        added = await self._connection.execute(_SQL["add"], parameters)
        if added.rowcount == 0:
            raise UserNotFoundError(token.user_id)

    async def find(self, token_hash: bytes, purpose: TokenPurpose) -> OneTimeToken | None:
        return await self._one(_SQL["find"], token_hash, purpose)

    async def take(self, token_hash: bytes, purpose: TokenPurpose) -> OneTimeToken | None:
        return await self._one(_SQL["take"], token_hash, purpose)

    async def discard_of(self, user_id: UserId, purpose: TokenPurpose) -> None:
        await self._connection.execute(_SQL["discard_of"], {"user_id": user_id, "purpose": purpose})

    async def discard_expired(self, before: datetime, limit: int) -> int:
        parameters = {"before": before, "limit": limit}
        return (await self._connection.execute(_SQL["discard_expired"], parameters)).rowcount

    async def _one(self, query: bytes, token_hash: bytes, purpose: TokenPurpose) -> OneTimeToken | None:
        cursor = await self._connection.execute(query, {"token_hash": token_hash, "purpose": purpose})
        row = await cursor.fetchone()
        if row is None:
            return None
        return OneTimeToken(
            token_hash=row["token_hash"],
            purpose=TokenPurpose(row["purpose"]),
            user_id=UserId(row["user_id"]),
            email=row["email"],
            expires_at=row["expires_at"],
        )
