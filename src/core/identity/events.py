"""What happens to accounts and sessions: the audit trail. Ids only: no name, address, token, password or hash."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from ..eventlog import Event
from ..kernel import UserId
from .ids import SessionId


class RefusedLogin(StrEnum):
    """Why a login was refused."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105  a reason, not a secret
    UNKNOWN_USER = "unknown_user"
    THROTTLED = "throttled"
    BAD_TOKEN = "bad_token"  # noqa: S105  a reason, not a secret


class SessionEnd(StrEnum):
    """Why a session ended before its time."""

    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a reason, not a secret
    PASSWORD_RESET = "password_reset"  # noqa: S105  a reason, not a secret
    USER_DELETED = "user_deleted"
    TOO_MANY = "too_many"


@frozen
class UserRegistered(Event):
    """An account was made, by its owner or by an operator."""

    user_id: UserId
    at: datetime


@frozen
class EmailChanged(Event):
    """The account has another e-mail address, not verified yet."""

    user_id: UserId
    at: datetime


@frozen
class EmailVerified(Event):
    """The account's owner showed that the e-mail address is theirs."""

    user_id: UserId
    at: datetime


@frozen
class PasswordChanged(Event):
    """The owner set another password, knowing the old one."""

    user_id: UserId
    at: datetime


@frozen
class PasswordReset(Event):
    """The owner, or an operator, set another password without the old one."""

    user_id: UserId
    at: datetime


@frozen
class PasswordRehashed(Event):
    """The same password was hashed anew with the present parameters."""

    user_id: UserId
    at: datetime


@frozen
class RolesChanged(Event):
    """The account's roles are now these."""

    user_id: UserId
    roles: tuple[str, ...]
    at: datetime


@frozen
class UserDeleted(Event):
    """The account is gone; what it did keeps its id."""

    user_id: UserId
    at: datetime


@frozen
class UserLoggedIn(Event):
    """A session began."""

    user_id: UserId
    session_id: SessionId
    at: datetime


@frozen
class SessionEnded(Event):
    """A session ended before its time."""

    user_id: UserId
    session_id: SessionId
    reason: SessionEnd
    at: datetime


@frozen
class LoginRefused(Event):
    """
    Somebody tried to log in, or to confirm with a password or a mailed token, and could not.

    None where there is no such user, or the token does not tell.
    """

    user_id: UserId | None
    reason: RefusedLogin
    at: datetime


@frozen
class MailRequested(Event):
    """A single-use token was mailed to the account's address."""

    user_id: UserId
    purpose: str
    at: datetime


@frozen
class AccessDenied(Event):
    """Somebody known asked for what they may not do or see; with the permission that they lack, if it is one."""

    user_id: UserId
    operation: str
    permission: str | None
    at: datetime


EVENTS: tuple[type[Event], ...] = (
    UserRegistered,
    EmailChanged,
    EmailVerified,
    PasswordChanged,
    PasswordReset,
    PasswordRehashed,
    RolesChanged,
    UserDeleted,
    UserLoggedIn,
    SessionEnded,
    LoginRefused,
    MailRequested,
    AccessDenied,
)
"""Every event of this context, for the registry."""
