"""Single-use tokens on their way to whom an address belongs."""

from typing import Final

from attrs import frozen

from ...kernel import Clock
from ...resilience import RateLimit, RateLimiter, RateLimitExceededError
from ..entities import User
from ..errors import MailNotSentError
from ..events import MailRequested
from ..letters import LETTERS
from ..ports import Begin, Mailer
from ..tokens import Entropy, OneTimeToken, TokenPurpose, hash_of, new_token

MAILS_OF_ACCOUNT: Final = RateLimit("mails_of_account", 5, 60 * 60)


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
            MailNotSentError: it counts for nothing.
        """
        verdict = await self.limiter.hit(self.limit, str(user.id))
        if not verdict.allowed:
            raise RateLimitExceededError(verdict)
        letter, token, now = LETTERS[purpose], new_token(self.entropy), self.clock()
        kept = OneTimeToken(hash_of(token.reveal()), purpose, user.id, user.email, now + letter.lifetime)
        async with self.begin() as tx:
            await tx.one_time_tokens.discard_of(user.id, purpose)
            await tx.one_time_tokens.add(kept)
            await tx.audit.record(user.id, MailRequested(user.id, purpose, now))
        try:
            await self.mailer.send(letter.addressed(user.email, self.public_url, token))
        except MailNotSentError:
            await self.limiter.give_back(self.limit, str(user.id))
            raise
