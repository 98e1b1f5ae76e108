"""Single-use tokens on their way to whom an address belongs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from attrs import frozen

from ...kernel import Clock, ConcurrencyConflictError, Secret, UserId, ValidationFailedError
from ...resilience import RateLimit, RateLimiter, RateLimitExceededError
from ..entities import User
from ..errors import MailNotSentError
from ..events import LoginRefused, MailRequested, RefusedLogin
from ..letters import LETTERS
from ..ports import Begin, Mailer
from ..rules import BAD_TOKEN
from ..tokens import Entropy, OneTimeToken, TokenPurpose, hash_of, new_token

MAILS_OF_ACCOUNT: Final = RateLimit("mails_of_account", 5, 60 * 60)


@asynccontextmanager
async def refused_tokens_recorded(begin: Begin, clock: Clock) -> AsyncIterator[None]:
    """Keep in the audit trail that a mailed token is refused inside."""
    try:
        yield
    except ValidationFailedError as refusal:
        if BAD_TOKEN in refusal.field_errors:
            async with begin() as tx:
                await tx.audit.record(None, LoginRefused(None, RefusedLogin.BAD_TOKEN, clock()))
        raise


@frozen
class MailToken:
    """
    Mail a new token to a user's address; the ones mailed before for the same purpose are void then.

    Args:
        public_url: What links begin with, without a slash at the end.
    """

    begin: Begin
    mailer: Mailer
    limiter: RateLimiter
    clock: Clock
    entropy: Entropy
    public_url: str
    limit: RateLimit = MAILS_OF_ACCOUNT

    async def __call__(self, user: User, purpose: TokenPurpose) -> None:
        """
        Raises:
            RateLimitExceededError: the account was mailed too much already.
            ConcurrencyConflictError: the account keeps changing; it counts for nothing.
            MailNotSentError: it counts for nothing.
        """
        verdict = await self.limiter.hit(self.limit, str(user.id))
        if not verdict.allowed:
            raise RateLimitExceededError(verdict)
        letter, token = LETTERS[purpose], new_token(self.entropy)
        try:
            email = await self._kept(token, user.id, purpose, letter.lifetime)
            await self.mailer.send(letter.addressed(email, self.public_url, token))
        except (ConcurrencyConflictError, MailNotSentError):
            await self.limiter.give_back(self.limit, str(user.id))
            raise

    async def _kept(self, token: Secret, user_id: UserId, purpose: TokenPurpose, lifetime: timedelta) -> str:
        """Keep *token*, and give the address that it is for."""
        try:
            return await self._keep(token, user_id, purpose, lifetime)
        except ConcurrencyConflictError:
            # The account changed while this was under way; it is looked at anew, with that change.
            return await self._keep(token, user_id, purpose, lifetime)

    async def _keep(self, token: Secret, user_id: UserId, purpose: TokenPurpose, lifetime: timedelta) -> str:
        now = self.clock()
        async with self.begin() as tx:
            user = await tx.users.get(user_id)
            # Saved though unchanged: a change of the address or the password comes before this, or voids the token.
            await tx.users.save(user)
            await tx.one_time_tokens.discard_of(user_id, purpose)
            await tx.one_time_tokens.add(
                OneTimeToken(hash_of(token.reveal()), purpose, user_id, user.email, now + lifetime)
            )
            await tx.audit.record(user_id, MailRequested(user_id, purpose, now))
        return user.email
