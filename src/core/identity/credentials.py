"""Is this the account's password? Asked as often as the throttle lets, and answered in the same time for nobody."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from attrs import field, frozen

from ..kernel import Clock, QuaysideError, Secret, UserId
from ..resilience import RateLimit, RateLimiter, RateLimitExceededError
from .entities import User
from .errors import InvalidCredentialsError
from .events import LoginRefused, RefusedLogin
from .names import name_digest
from .ports import Begin, PasswordHasher, SessionQueries

_QUARTER_S: Final = 15 * 60

LOGIN_FAILURES_OF_ADDRESS: Final = RateLimit("login_failures_of_address", 100, _QUARTER_S, growth=2)
LOGIN_FAILURES_OF_ACCOUNT: Final = RateLimit("login_failures_of_account", 10, _QUARTER_S, growth=2)

_USER_AGENT_LENGTH: Final = 256


def _shortened(name: str | None) -> str | None:
    return name and name[:_USER_AGENT_LENGTH]


@frozen
class Device:
    """
    What is known of who calls, before it is known who it is.

    Args:
        ip_address: None where there is none, as on a socket of the machine's own.
        user_agent: What the client calls itself; only so much of it is kept.
    """

    ip_address: str | None = field(default=None, repr=False)
    user_agent: str | None = field(default=None, repr=False, converter=_shortened)


def account_named(login: str) -> UserId:
    """Stands for the account that *login* would name if there were one."""
    return UserId(UUID(bytes=name_digest(login)[:16]))


@frozen
class CheckPassword:
    """
    Compare a password with an account's.

    Every attempt counts as a failure from before it is looked at, so that many at once are no way around the limits;
    the right password takes its own back. An address from which the account was logged in to has a count of its own:
    whoever tries from elsewhere uses up another, and does not lock the owner out.
    """

    begin: Begin
    sessions: SessionQueries
    hasher: PasswordHasher
    limiter: RateLimiter
    clock: Clock
    of_address: RateLimit = LOGIN_FAILURES_OF_ADDRESS
    of_account: RateLimit = LOGIN_FAILURES_OF_ACCOUNT

    async def __call__(
        self, user: User | None, account: UserId, password: Secret, ip_address: str | None
    ) -> User:
        """
        Give the user whose password it is. Nobody (None) takes the same steps as somebody else's.

        Args:
            account: The user's id, or what stands for it.

        Raises:
            RateLimitExceededError: there were too many failures, whether or not the password is right.
            InvalidCredentialsError: it is not.
        """
        counts = await self._counts(account, ip_address)
        for limit, key in counts:
            verdict = await self.limiter.hit(limit, key)
            if not verdict.allowed:
                await self._record(user, RefusedLogin.THROTTLED)
                raise RateLimitExceededError(verdict)
        try:
            is_right = await self.hasher.verify(user.password_hash if user else None, password)
        except QuaysideError:
            await self._give_back(counts)  # nobody looked at it, so nobody failed
            raise
        if user is None or not is_right:
            await self._record(user, RefusedLogin.WRONG_PASSWORD if user else RefusedLogin.UNKNOWN_USER)
            raise InvalidCredentialsError
        await self._give_back(counts)
        return user

    async def _counts(self, account: UserId, ip_address: str | None) -> Iterable[tuple[RateLimit, str]]:
        address = str(ip_address)
        knows = ip_address is not None and await self.sessions.has_logged_in_from(account, ip_address)
        # The address first: one that is refused adds nothing to what the account's owner has to wait.
        return (
            (self.of_address, address),
            (self.of_account, f"{account}@{address}" if knows else str(account)),
        )

    async def _give_back(self, counts: Iterable[tuple[RateLimit, str]]) -> None:
        for limit, key in counts:
            await self.limiter.give_back(limit, key)

    async def _record(self, user: User | None, reason: RefusedLogin) -> None:
        user_id = user.id if user else None
        async with self.begin() as tx:
            await tx.audit.record(user_id, LoginRefused(user_id, reason, self.clock()))
