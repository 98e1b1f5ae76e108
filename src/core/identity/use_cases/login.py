"""From a password to a session, and from a session to an access token."""

from attrs import frozen

from ...kernel import Clock, ConcurrencyConflictError, IdFactory, Secret
from ..credentials import CheckPassword, account_named
from ..devices import Device
from ..entities import Session, SessionLimits, User
from ..errors import UnauthenticatedError
from ..events import SessionEnd
from ..ids import SessionId
from ..ports import AccessToken, AccessTokens, Begin, PasswordHasher, SessionQueries, UserQueries
from ..principals import PrincipalCache, principal_of
from ..rules import LOGIN
from ..tokens import Entropy, hash_of, is_opaque, new_token


@frozen
class LoggedIn:
    """
    What a login gives.

    Args:
        token: The session's, shown here and never again.
    """

    user: User
    session: Session
    token: Secret
    access_token: AccessToken


@frozen
class LogIn:
    """
    Begin a session: a new one with a new token, whatever was sent along.

    Of the user's sessions so many are left that there are no more than `SessionLimits.most`; the oldest end.
    """

    begin: Begin
    users: UserQueries
    check_password: CheckPassword
    hasher: PasswordHasher
    access_tokens: AccessTokens
    principals: PrincipalCache
    limits: SessionLimits
    clock: Clock
    new_id: IdFactory
    entropy: Entropy

    async def __call__(self, login: str, password: Secret, device: Device) -> LoggedIn:
        """
        Args:
            login: A username or an e-mail address.

        Raises:
            ValidationFailedError: what was sent can be nobody's.
            RateLimitExceededError: there were too many failures; live sessions go on.
            InvalidCredentialsError: no such user, or not their password.
            ConcurrencyConflictError: the account keeps changing.
        """
        LOGIN.check({"username": login, "password": password})
        try:
            return await self._log_in(login, password, device)
        except ConcurrencyConflictError:
            # The account changed since its password was looked up, by another login's rehash or in earnest.
            return await self._log_in(login, password, device)

    async def _log_in(self, login: str, password: Secret, device: Device) -> LoggedIn:
        found = await self.users.find_by_login(login)
        account = found.id if found else account_named(login)
        user = await self.check_password(found, account, password, device)
        now = self.clock()
        renewed = []
        if self.hasher.is_outdated(user.password_hash):
            renewed.append(user.rehash_password(await self.hasher.hash(password), at=now))
        token = new_token(self.entropy)
        session = Session(
            id=SessionId(self.new_id()),
            user_id=user.id,
            token_hash=hash_of(token.reveal()),
            created_at=now,
            last_activity_at=now,
            expires_at=now + self.limits.absolute,
            ip_address=device.ip_address,
            user_agent=device.user_agent,
        )
        async with self.begin() as tx:
            # Saved even if unchanged: a password that was replaced meanwhile opens no session.
            await tx.users.save(user, *renewed)
            present = await tx.sessions.not_ended_of(user.id, now)
            too_many = present[self.limits.most - 1 :]
            for old in too_many:
                await tx.sessions.save(old, old.end(SessionEnd.TOO_MANY, at=now))
            await tx.sessions.save(session, session.began())
        for old in too_many:
            self.principals.forget_session(old.id)
        principal = principal_of(user, session.id)
        return LoggedIn(user, session, token, self.access_tokens.issue(principal, user.email, at=now))


@frozen
class IssueAccessToken:
    """Give another access token for a living session."""

    sessions: SessionQueries
    access_tokens: AccessTokens
    limits: SessionLimits
    clock: Clock

    async def __call__(self, token: str) -> AccessToken:
        """
        Args:
            token: A session's; access tokens do not renew themselves.

        Raises:
            UnauthenticatedError: it is none of ours, or an access token.
            SessionExpiredError: the session has ended.
        """
        login = await self.sessions.find_by_token(hash_of(token)) if is_opaque(token) else None
        if login is None:
            raise UnauthenticatedError
        now = self.clock()
        user = login.living_user(self.limits, at=now)
        return self.access_tokens.issue(principal_of(user, login.session.id), user.email, at=now)
