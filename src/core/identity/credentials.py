"""Is this the account's password? Asked as often as the throttle lets, and answered in the same time for nobody."""

from asyncio import Semaphore, shield
from collections.abc import Iterable, MutableMapping, Sequence
from contextlib import AsyncExitStack
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from attrs import field, frozen

from ..kernel import Clock, Secret, UserId
from ..resilience import RateLimit, RateLimiter, RateLimitExceededError
from .devices import Device
from .entities import User
from .errors import InvalidCredentialsError
from .events import LoginRefused, RefusedLogin
from .names import name_digest
from .ports import Begin, PasswordHasher, SessionQueries

_QUARTER_S: Final = 15 * 60

LOGIN_FAILURES_OF_ADDRESS: Final = RateLimit("login_failures_of_address", 100, _QUARTER_S, growth=2)
LOGIN_FAILURES_OF_ACCOUNT: Final = RateLimit("login_failures_of_account", 10, _QUARTER_S, growth=2)


Counted = tuple[RateLimit, str]
"""A limit, and the key of one who is counted by it."""


def account_named(login: str) -> UserId:
    """Stands for the account that *login* would name if there were one."""
    return UserId(UUID(bytes=name_digest(login)[:16]))


@frozen
class CheckPassword:
    """
    Compare a password with an account's.

    Every attempt counts as a failure from before it is looked at, so that many at once are no way around the limits;
    the right password takes its own back. No more than half of what a limit allows are under way at a time in this
    process, the others wait, so that right ones are not refused for coming together. A site from which the account
    was logged in to has a count of its own: whoever tries from elsewhere uses up another, and does not lock the owner
    out.
    """

    begin: Begin
    sessions: SessionQueries
    hasher: PasswordHasher
    limiter: RateLimiter
    clock: Clock
    of_address: RateLimit = LOGIN_FAILURES_OF_ADDRESS
    of_account: RateLimit = LOGIN_FAILURES_OF_ACCOUNT
    # Each is gone as soon as nobody is in it or waits for it.
    _turns: MutableMapping[Counted, Semaphore] = field(factory=WeakValueDictionary, init=False, eq=False)

    async def __call__(self, user: User | None, account: UserId, password: Secret, device: Device) -> User:
        """
        Give the user whose password it is. Nobody (None) takes the same steps as somebody else's.

        Args:
            account: The user's id, or what stands for it.

        Raises:
            RateLimitExceededError: there were too many failures, whether or not the password is right.
            InvalidCredentialsError: it is not.
        """
        counted = await self._counted(account, device.site)
        async with AsyncExitStack() as turns:
            for each in counted:
                await turns.enter_async_context(self._turn(each))
            is_right = await self._compare(user, password, counted)
        if user is None or not is_right:
            await self._record(user, RefusedLogin.WRONG_PASSWORD if user else RefusedLogin.UNKNOWN_USER)
            raise InvalidCredentialsError
        return user

    async def _counted(self, account: UserId, site: str | None) -> Sequence[Counted]:
        knows = site is not None and await self.sessions.has_logged_in_from(account, site)
        # The site first: one that is refused adds nothing to what the account's owner has to wait.
        return (
            (self.of_address, str(site)),
            (self.of_account, f"{account}@{site}" if knows else str(account)),
        )

    def _turn(self, counted: Counted) -> Semaphore:
        limit, _ = counted
        return self._turns.setdefault(counted, Semaphore(max(limit.count // 2, 1)))

    async def _compare(self, user: User | None, password: Secret, counted: Sequence[Counted]) -> bool:
        hits: list[Counted] = []
        try:
            for limit, key in counted:
                await self._hit(user, limit, key)
                hits.append((limit, key))
            is_right = await self.hasher.verify(user.password_hash if user else None, password)
        except RateLimitExceededError:
            raise
        except BaseException:  # nobody looked at it, so nobody failed
            await shield(self._give_back(hits))
            raise
        if is_right:
            await shield(self._give_back(hits))
        return is_right

    async def _hit(self, user: User | None, limit: RateLimit, key: str) -> None:
        verdict = await self.limiter.hit(limit, key)
        if not verdict.allowed:
            await self._record(user, RefusedLogin.THROTTLED)
            raise RateLimitExceededError(verdict)

    async def _give_back(self, hits: Iterable[Counted]) -> None:
        for limit, key in hits:
            await self.limiter.give_back(limit, key)

    async def _record(self, user: User | None, reason: RefusedLogin) -> None:
        user_id = user.id if user else None
        async with self.begin() as tx:
            await tx.audit.record(user_id, LoginRefused(user_id, reason, self.clock()))
