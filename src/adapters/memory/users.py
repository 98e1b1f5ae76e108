"""Accounts in memory."""

from collections.abc import Collection, Mapping
from copy import copy

from attrs import define, evolve, field, frozen

from ...core.eventlog import Event, Recorder
from ...core.identity import (
    NameTakenError,
    OneTimeToken,
    Role,
    Session,
    SessionId,
    User,
    UserNotFoundError,
    name_digest,
)
from ...core.kernel import Page, PageRequest, Slice, SliceRequest, UserId
from .event_log import MemoryEventLog
from .locks import TransactionLock
from .pages import page_of, slice_of
from .rows import Rows

Claim = tuple[str, bytes]
"""``username`` or ``email``, and the name's digest."""


@define(eq=False)
class NameClaims:
    """
    Which names were taken in one transaction, and by whom. They are looked at when it commits, once more.

    Args:
        committed: What all transactions share.
    """

    _committed: dict[Claim, UserId]
    _staged: dict[Claim, UserId] = field(factory=dict, init=False)

    def require_free(self, user: User) -> None:
        """
        Raises:
            NameTakenError: a name of *user* is somebody else's.
        """
        taken = [
            kind for kind, digest in _claims_of(user) if self._owner(kind, digest) not in (None, user.id)
        ]
        if taken:
            raise NameTakenError(taken)

    def take(self, user: User) -> None:
        """Make the names of *user* its own."""
        self._staged |= dict.fromkeys(_claims_of(user), user.id)

    def validate(self) -> None:
        """
        Raises:
            NameTakenError: somebody else committed first.
        """
        taken = [
            claim[0] for claim, owner in self._staged.items() if self._committed.get(claim, owner) != owner
        ]
        if taken:
            raise NameTakenError(taken)

    def publish(self) -> None:
        """Make the claims known to everybody."""
        self._committed |= self._staged

    def _owner(self, kind: str, digest: bytes) -> UserId | None:
        return self._staged.get((kind, digest)) or self._committed.get((kind, digest))


@frozen
class MemoryUserRepository:
    """The rows of one transaction, and what goes with them."""

    _rows: Rows[UserId, User]
    _names: NameClaims
    _admins: TransactionLock
    _sessions: Rows[SessionId, Session]
    _one_time_tokens: Rows[bytes, OneTimeToken]
    _log: MemoryEventLog
    _recorder: Recorder

    async def get(self, user_id: UserId) -> User:
        try:
            return self._rows[user_id]
        except KeyError:
            raise UserNotFoundError(user_id) from None

    async def save(self, user: User, *events: Event) -> None:
        self._names.require_free(user)
        user.version = await self._log.append(user.stream, self._recorder(events), user.version)
        self._names.take(user)
        self._rows[user.id] = user

    async def delete(self, user: User, *events: Event) -> None:
        user.version = await self._log.append(user.stream, self._recorder(events), user.version)
        del self._rows[user.id]
        for session in list(self._sessions.values()):
            if session.user_id == user.id:
                self._sessions[session.id] = evolve(session, ip_address=None, user_agent=None)
        for token in list(self._one_time_tokens.values()):
            if token.user_id == user.id:
                del self._one_time_tokens[token.token_hash]

    async def lock_admins(self) -> frozenset[UserId]:
        await self._admins.acquire()
        return frozenset(user.id for user in self._rows.values() if Role.ADMIN in user.roles)


@frozen
class MemoryUserQueries:
    """What is committed."""

    _committed: Mapping[UserId, User]
    _claims: Mapping[Claim, UserId]

    async def get(self, user_id: UserId) -> User:
        if user_id not in self._committed:
            raise UserNotFoundError(user_id)
        return copy(self._committed[user_id])

    async def find_by_login(self, login: str) -> User | None:
        digest = name_digest(login)
        for kind in ("username", "email"):
            owner = self._claims.get((kind, digest))
            user = self._committed.get(owner) if owner else None
            # A claim outlives the name it was made for, and only present names count.
            if user and (kind, digest) in _claims_of(user):
                return copy(user)
        return None

    async def list(self, page: PageRequest) -> Page[User]:
        return page_of(self._committed.values(), page)

    async def list_after(self, place: SliceRequest) -> Slice[User]:
        return slice_of(self._committed.values(), place)

    async def taken(self, *, usernames: Collection[str] = (), emails: Collection[str] = ()) -> frozenset[str]:
        return frozenset(
            name
            for kind, names in (("username", usernames), ("email", emails))
            for name in names
            if (kind, name_digest(name)) in self._claims
        )


def _claims_of(user: User) -> tuple[Claim, ...]:
    return ("username", name_digest(user.username)), ("email", name_digest(user.email))
