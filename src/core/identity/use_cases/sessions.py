"""Sessions: whose they are, and how they end."""

from collections.abc import Awaitable, Hashable
from contextlib import suppress
from datetime import datetime

from attrs import frozen

from ...kernel import (
    ANY_VERSION,
    Clock,
    ConcurrencyConflictError,
    ExpectedVersion,
    NotFoundError,
    Principal,
    UserId,
)
from ..entities import Session, SessionLimits
from ..errors import SessionExpiredError, SessionNotFoundError, UnauthenticatedError
from ..events import SessionEnd
from ..ids import SessionId
from ..ports import AccessTokens, Begin, Login, SessionQueries, Transaction
from ..principals import PrincipalCache, principal_of
from ..tokens import hash_of, is_opaque


@frozen
class Authenticate:
    """Tell who shows a token, and note that the session is in use."""

    sessions: SessionQueries
    access_tokens: AccessTokens
    principals: PrincipalCache
    limits: SessionLimits
    clock: Clock

    async def __call__(self, token: str) -> Principal:
        """
        Args:
            token: A session's, or an access token; whatever that says, the session and its roles are looked up.

        Raises:
            UnauthenticatedError: it is none of ours.
            SessionExpiredError: it was good once.
        """
        token_hash = hash_of(token)
        if known := self.principals.find(token_hash):
            return known
        if is_opaque(token):
            search = self.sessions.find_by_token(token_hash)
            return await self._look_up(token_hash, search, UnauthenticatedError())
        session_id = self.access_tokens.session_of(token, at=self.clock())
        # Its signature is ours, so the session was there once.
        return await self._look_up(token_hash, self.sessions.find(session_id), SessionExpiredError())

    async def _look_up(self, key: Hashable, search: Awaitable[Login | None], nobody: Exception) -> Principal:
        read_at = self.principals.now()
        login = await search
        if login is None:
            raise nobody
        session, now = login.session, self.clock()
        user = login.living_user(self.limits, at=now)
        if session.is_due_for_touch(self.limits, at=now):
            await self.sessions.touch(session.id, now)
        principal = principal_of(user, session.id)
        self.principals.keep(key, principal, read_at=read_at)
        return principal


@frozen
class LogOut:
    """End the caller's session, and with it its access tokens."""

    begin: Begin
    principals: PrincipalCache
    clock: Clock

    async def __call__(self, principal: Principal) -> None:
        """A session that has ended already is what was asked for."""
        with suppress(ConcurrencyConflictError, NotFoundError):
            async with self.begin() as tx:
                session = await tx.sessions.get(SessionId(principal.session_id))
                if session.ended_at is None:
                    await tx.sessions.save(session, session.end(SessionEnd.LOGGED_OUT, at=self.clock()))
        self.principals.forget_session(SessionId(principal.session_id))


@frozen
class ListSessions:
    """Show the caller where else they are logged in."""

    begin: Begin
    limits: SessionLimits
    clock: Clock

    async def __call__(self, principal: Principal) -> tuple[Session, ...]:
        """The living sessions of the caller, newest first."""
        now = self.clock()
        async with self.begin() as tx:
            sessions = await tx.sessions.not_ended_of(principal.user_id, now)
        return tuple(session for session in sessions if session.is_alive(self.limits, at=now))


@frozen
class EndSession:
    """End one of the caller's sessions."""

    begin: Begin
    principals: PrincipalCache
    limits: SessionLimits
    clock: Clock

    async def __call__(
        self, principal: Principal, session_id: SessionId, *, expected: ExpectedVersion = ANY_VERSION
    ) -> None:
        """
        Args:
            expected: In which version the caller knows the session.

        Raises:
            SessionNotFoundError: the caller has no such living session.
            StalePreconditionError: the session has another version.
        """
        now = self.clock()
        with expected.through_races():
            async with self.begin() as tx:
                session = await tx.sessions.get(session_id)
                if session.user_id != principal.user_id:
                    raise SessionNotFoundError(hidden=True)
                if not session.is_alive(self.limits, at=now):
                    raise SessionNotFoundError
                expected.require(session.version)
                await tx.sessions.save(session, session.end(SessionEnd.REVOKED, at=now))
        self.principals.forget_session(session_id)


@frozen
class EndSessions:
    """End all sessions of a user."""

    begin: Begin
    principals: PrincipalCache
    clock: Clock

    async def __call__(self, user_id: UserId, *, keep: SessionId | None = None) -> None:
        """
        Args:
            keep: The one to spare: the caller's own.
        """
        async with self.begin() as tx:
            await end_sessions(tx, user_id, SessionEnd.REVOKED, at=self.clock(), keep=keep)
        self.principals.forget_user(user_id)


@frozen
class DiscardExpired:
    """Erase sessions that ended long ago, and mailed tokens that nobody used in time."""

    begin: Begin
    limits: SessionLimits
    clock: Clock
    batch: int = 500

    async def __call__(self) -> int:
        """
        Tell how many went. Each batch is a transaction of its own, so that none takes long.
        """
        now, discarded = self.clock(), 0
        while True:
            async with self.begin() as tx:
                sessions = await tx.sessions.discard_expired(now - self.limits.kept, self.batch)
                tokens = await tx.one_time_tokens.discard_expired(now, self.batch)
            discarded += sessions + tokens
            if max(sessions, tokens) < self.batch:
                return discarded


async def end_sessions(
    tx: Transaction, user_id: UserId, reason: SessionEnd, *, at: datetime, keep: SessionId | None = None
) -> None:
    """
    End every session of the user, but *keep*, that has not run out by itself.

    What keeps new ones from being opened meanwhile has to be saved before: a login saves its user, too.
    """
    for session in await tx.sessions.not_ended_of(user_id, at):
        if session.id != keep:
            await tx.sessions.save(session, session.end(reason, at=at))
