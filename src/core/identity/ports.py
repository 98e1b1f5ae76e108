"""What this context needs from outside."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from attrs import field, frozen

from ..eventlog import Event
from ..kernel import Page, PageRequest, Principal, Secret, Slice, SliceRequest, UserId
from .entities import Session, SessionLimits, User
from .errors import SessionExpiredError
from .ids import SessionId
from .mail import Mail
from .tokens import OneTimeToken, TokenPurpose


class UserRepository(Protocol):
    """All accounts, as a collection, inside a transaction. Contract: tests/contract/test_users.py."""

    async def get(self, user_id: UserId) -> User:
        """
        Raises:
            UserNotFoundError.
        """
        ...

    async def save(self, user: User, *events: Event) -> None:
        """
        Store the row and append *events*, or neither. Its username and e-mail are its own from then on, for ever.

        Raises:
            NameTakenError: another account has or had one of them, whatever the case of its letters; names each.
            ConcurrencyConflictError: ``user.version`` was overtaken.
        """
        ...

    async def delete(self, user: User, *events: Event) -> None:
        """
        Erase the row and append *events*, or neither; its names stay taken.

        The user's one-time tokens go with it, and whatever is personal in the sessions; what is left of those tells
        that their tokens were good once. End them before, so that their streams tell, too.

        Raises:
            ConcurrencyConflictError: ``user.version`` was overtaken.
        """
        ...

    async def lock_admins(self) -> frozenset[UserId]:
        """
        Who is Admin now; nobody else changes that before this transaction ends.

        Whoever is about to change it asks first, before anything else in the transaction; one at a time goes on.
        """
        ...


class SessionRepository(Protocol):
    """All sessions, as a collection, inside a transaction. Contract: tests/contract/test_sessions.py."""

    async def get(self, session_id: SessionId) -> Session:
        """
        Raises:
            SessionNotFoundError.
        """
        ...

    async def save(self, session: Session, *events: Event) -> None:
        """
        Store the row and append *events*, or neither.

        Raises:
            UserNotFoundError: its user is not there, or not any more.
            ConcurrencyConflictError: ``session.version`` was overtaken.
        """
        ...

    async def not_ended_of(self, user_id: UserId, at: datetime) -> Sequence[Session]:
        """
        The user's sessions that nobody has ended and that are not too old at that time, newest first.

        Those that have been idle for too long are among them: a call that is under way may show that one is not.
        """
        ...

    async def discard_expired(self, before: datetime, limit: int) -> int:
        """Erase some of those whose absolute life ended before, and tell how many. What their streams tell stays."""
        ...


class OneTimeTokenRepository(Protocol):
    """Mailed tokens that were not used, inside a transaction. Contract: tests/contract/test_one_time_tokens.py."""

    async def add(self, token: OneTimeToken) -> None:
        """
        Raises:
            UserNotFoundError: its user is not there, or not any more.
        """
        ...

    async def find(self, token_hash: bytes, purpose: TokenPurpose) -> OneTimeToken | None:
        """Look at the token, expired or not, and leave it there."""
        ...

    async def take(self, token_hash: bytes, purpose: TokenPurpose) -> OneTimeToken | None:
        """Take the token out, expired or not; of several who race for it, one gets it."""
        ...

    async def discard_of(self, user_id: UserId, purpose: TokenPurpose) -> None:
        """Take out all of the user's."""
        ...

    async def discard_expired(self, before: datetime, limit: int) -> int:
        """Take out some of those that expired before, and tell how many."""
        ...


class AuditTrail(Protocol):
    """
    What happened around accounts and changed no row, inside a transaction. Contract: tests/contract/test_audit.py.
    """

    async def record(self, user_id: UserId | None, *events: Event) -> None:
        """Append *events* to the stream ``access/<user id>``, or to a stream of their own if nobody is known."""
        ...


class Transaction(Protocol):
    """Everything reached through it commits or rolls back together."""

    @property
    def users(self) -> UserRepository: ...

    @property
    def sessions(self) -> SessionRepository: ...

    @property
    def one_time_tokens(self) -> OneTimeTokenRepository: ...

    @property
    def audit(self) -> AuditTrail: ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]


@frozen
class Login:
    """
    A session with its user, as found by what a caller showed.

    Args:
        user: None where the account is gone; then no session of it counts.
    """

    session: Session
    user: User | None

    def living_user(self, limits: SessionLimits, *, at: datetime) -> User:
        """
        Who is logged in by it.

        Raises:
            SessionExpiredError: nobody is any more. It was ended, or is too old, or was idle for too long.
        """
        if self.user is None or not self.session.is_alive(limits, at=at):
            raise SessionExpiredError
        return self.user


class OrderCounts(Protocol):
    """
    What another context knows of accounts, outside any transaction. Contract: tests/contract/test_order_summaries.py.
    """

    async def confirmed_counts(self, user_ids: Collection[UserId]) -> Mapping[UserId, int]:
        """How many orders of each of *user_ids* are confirmed, and not cancelled since; of those that have any."""
        ...


class UserQueries(Protocol):
    """Reads of committed accounts, each on its own, outside any transaction. Contract: tests/contract/test_users.py."""

    async def get(self, user_id: UserId) -> User:
        """
        Raises:
            UserNotFoundError.
        """
        ...

    async def find_by_login(self, login: str) -> User | None:
        """The user whose username or e-mail this is, without regard to case."""
        ...

    async def list(self, page: PageRequest) -> Page[User]:
        """Newest first, ties by id (the greater first)."""
        ...

    async def list_after(self, place: SliceRequest) -> Slice[User]:
        """Those that follow in the same order, at a cost that does not grow with how many came before."""
        ...

    async def taken(self, *, usernames: Collection[str] = (), emails: Collection[str] = ()) -> frozenset[str]:
        """Those that some account has or had, as they were given."""
        ...


class SessionQueries(Protocol):
    """Reads of committed sessions, and the one write that is no event. Contract: tests/contract/test_sessions.py."""

    async def find_by_token(self, token_hash: bytes) -> Login | None:
        """The session, ended or not, whose token this is the hash of."""
        ...

    async def find(self, session_id: SessionId) -> Login | None:
        """The session, ended or not."""
        ...

    async def touch(self, session_id: SessionId, at: datetime) -> None:
        """Note that it was active then."""
        ...

    async def has_logged_in_from(self, user_id: UserId, site: str) -> bool:
        """Whether any session of the user, alive or not, came from an address of that site (`Device.site`)."""
        ...


class PasswordHasher(Protocol):
    """Slow on purpose. Contract: tests/contract/test_password_hasher.py."""

    async def hash(self, password: Secret) -> str: ...

    async def verify(self, password_hash: str | None, password: Secret) -> bool:
        """Whether it is the password; for None (nobody), the same work, and False."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than the present ones."""
        ...


class BreachedPasswords(Protocol):
    """Passwords that others have lost already. Contract: tests/contract/test_breached_passwords.py."""

    async def contains(self, password: Secret) -> bool:
        """Whether it is among them; False where that cannot be found out in time."""
        ...


@frozen
class PasswordStrength:
    """
    How hard a password is to guess.

    Args:
        score: 0 (at once) to 4 (never).
        feedback: For a person.
        time_to_crack: For a person: ``3 hours``.
    """

    score: int
    feedback: tuple[str, ...]
    time_to_crack: str


class StrengthMeter(Protocol):
    """Guesses how hard a password is to guess. Contract: tests/contract/test_strength_meter.py."""

    async def measure(self, password: Secret, user_inputs: Sequence[str] = ()) -> PasswordStrength: ...


@frozen
class AccessToken:
    """A token that other services verify by themselves, and until when it counts."""

    token: str = field(repr=False)
    expires_at: datetime


class AccessTokens(Protocol):
    """Signed, short-lived tokens (RFC 9068). Contract: tests/contract/test_access_tokens.py."""

    def issue(self, principal: Principal, email: str, *, at: datetime) -> AccessToken: ...

    def session_of(self, token: str, *, at: datetime) -> SessionId:
        """
        The session that the token belongs to; every claim was checked.

        Raises:
            UnauthenticatedError: it is none of ours.
            SessionExpiredError: it was, and is too old.
        """
        ...


class Mailer(Protocol):
    """Hands letters over for delivery. Contract: tests/contract/test_mailer.py."""

    async def send(self, mail: Mail) -> None:
        """
        Raises:
            MailNotSentError: nobody took it over.
        """
        ...
