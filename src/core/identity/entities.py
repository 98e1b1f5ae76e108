"""Accounts and sessions, and the only ways in which they change."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import define, field, frozen

from ..eventlog import StreamId
from ..kernel import UserId
from .events import (
    EmailChanged,
    EmailVerified,
    PasswordChanged,
    PasswordRehashed,
    PasswordReset,
    RolesChanged,
    SessionEnd,
    SessionEnded,
    UserDeleted,
    UserLoggedIn,
    UserRegistered,
)
from .ids import SessionId
from .policy import Role


@define(eq=False, kw_only=True)
class User:
    """
    An account.

    Args:
        username: 3-30 of ``[A-Za-z0-9_]``, kept as typed; unique for ever without regard to case.
        email: Kept as typed; unique for ever without regard to case.
        password_hash: What the hasher made of the password; never leaves this context.
        roles: `Role.USER` is always among them.
        version: Saves so far; 0 means never stored.
    """

    id: UserId
    username: str = field(repr=False)
    email: str = field(repr=False)
    password_hash: str = field(repr=False)
    created_at: datetime
    updated_at: datetime
    roles: frozenset[Role] = frozenset({Role.USER})
    email_verified: bool = False
    version: int = 0

    @property
    def stream(self) -> StreamId:
        """Where its events are."""
        return StreamId("user", self.id)

    def registered(self) -> UserRegistered:
        """Tell that the account was made; the first event of its stream."""
        return UserRegistered(self.id, self.created_at)

    def change_email(self, email: str, *, at: datetime) -> EmailChanged:
        """Take another address, which is not verified yet."""
        self.email = email
        self.email_verified = False
        self.updated_at = at
        return EmailChanged(self.id, at)

    def verify_email(self, *, at: datetime) -> EmailVerified:
        """Note that the present address is the owner's."""
        self.email_verified = True
        self.updated_at = at
        return EmailVerified(self.id, at)

    def change_password(self, password_hash: str, *, at: datetime) -> PasswordChanged:
        """Take another password, the old one being known."""
        self._take(password_hash, at)
        return PasswordChanged(self.id, at)

    def reset_password(self, password_hash: str, *, at: datetime) -> PasswordReset:
        """Take another password without the old one."""
        self._take(password_hash, at)
        return PasswordReset(self.id, at)

    def rehash_password(self, password_hash: str, *, at: datetime) -> PasswordRehashed:
        """Keep the same password under present parameters."""
        self.password_hash = password_hash
        return PasswordRehashed(self.id, at)

    def take_roles(self, roles: Iterable[Role], *, at: datetime) -> RolesChanged:
        """Have these roles from now on; `Role.USER` stays whatever is asked for."""
        self.roles = frozenset({Role.USER, *roles})
        self.updated_at = at
        return RolesChanged(self.id, tuple(sorted(self.roles)), at)

    def delete(self, *, at: datetime) -> UserDeleted:
        """Tell that the account goes."""
        return UserDeleted(self.id, at)

    def _take(self, password_hash: str, at: datetime) -> None:
        self.password_hash = password_hash
        self.updated_at = at


@frozen
class SessionLimits:
    """
    How long a session lives, and how many there are.

    Args:
        absolute: From its login on, whatever happens.
        idle: From its last activity on.
        touch_every: The least time between two records of activity.
        most: How many a user has at a time; another login ends the oldest.
        kept: From the end of its absolute life on. For so long its token is told to have been good once, and where it
            came from is a place that its user is known to log in from.
    """

    absolute: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(hours=24)
    touch_every: timedelta = timedelta(minutes=1)
    most: int = 100
    kept: timedelta = timedelta(days=90)


@define(eq=False, kw_only=True)
class Session:
    """
    One login, on one device.

    Args:
        token_hash: SHA-256 of the token that its holder shows; the token itself is nowhere.
        expires_at: The end of its absolute life.
        ip_address: From where the login came; personal.
        user_agent: What the client called itself; personal.
        ended_at: When it was ended before its time.
    """

    id: SessionId
    user_id: UserId
    token_hash: bytes = field(repr=False)
    created_at: datetime
    last_activity_at: datetime
    expires_at: datetime
    ip_address: str | None = field(default=None, repr=False)
    user_agent: str | None = field(default=None, repr=False)
    ended_at: datetime | None = None
    version: int = 0

    @property
    def stream(self) -> StreamId:
        """Where its events are."""
        return StreamId("session", self.id)

    def began(self) -> UserLoggedIn:
        """Tell that it began; the first event of its stream."""
        return UserLoggedIn(self.user_id, self.id, self.created_at)

    def is_alive(self, limits: SessionLimits, *, at: datetime) -> bool:
        """Whether its token still counts."""
        return self.ended_at is None and at < self.expires_at and at < self.last_activity_at + limits.idle

    def is_due_for_touch(self, limits: SessionLimits, *, at: datetime) -> bool:
        """Whether so much time has passed that its activity is worth a write."""
        return at >= self.last_activity_at + limits.touch_every

    def end(self, reason: SessionEnd, *, at: datetime) -> SessionEnded:
        """End it before its time."""
        self.ended_at = at
        return SessionEnded(self.user_id, self.id, reason, at)
