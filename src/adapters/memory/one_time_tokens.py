"""Mailed tokens in memory."""

from collections.abc import Mapping
from datetime import datetime

from attrs import define, field

from ...core.identity import OneTimeToken, TokenPurpose, User, UserNotFoundError
from ...core.kernel import ConcurrencyConflictError, UserId
from .rows import Rows


@define(eq=False)
class MemoryOneTimeTokenRepository:
    """
    The rows of one transaction.

    Args:
        committed: What all transactions share; a token that was taken here has to be there still at the end.
    """

    _rows: Rows[bytes, OneTimeToken]
    _committed: Mapping[bytes, OneTimeToken]
    _users: Rows[UserId, User]
    _taken: list[bytes] = field(factory=list, init=False)

    async def add(self, token: OneTimeToken) -> None:
        if token.user_id not in self._users:
            raise UserNotFoundError(token.user_id)
        self._rows[token.token_hash] = token

    async def find(self, token_hash: bytes, purpose: TokenPurpose) -> OneTimeToken | None:
        token = self._rows.get(token_hash)
        return token if token and token.purpose is purpose else None

    async def take(self, token_hash: bytes, purpose: TokenPurpose) -> OneTimeToken | None:
        token = await self.find(token_hash, purpose)
        if token:
            del self._rows[token_hash]
            if token_hash in self._committed:
                self._taken.append(token_hash)
        return token

    async def discard_of(self, user_id: UserId, purpose: TokenPurpose) -> None:
        for token in list(self._rows.values()):
            if (token.user_id, token.purpose) == (user_id, purpose):
                del self._rows[token.token_hash]

    async def discard_expired(self, before: datetime, limit: int) -> int:
        expired = [token.token_hash for token in self._rows.values() if token.expires_at < before][:limit]
        for token_hash in expired:
            del self._rows[token_hash]
        return len(expired)

    def validate(self) -> None:
        """
        Raises:
            ConcurrencyConflictError: another transaction took the same token first.
        """
        if any(token_hash not in self._committed for token_hash in self._taken):
            raise ConcurrencyConflictError("The mailed token", expected=1, actual=0)
