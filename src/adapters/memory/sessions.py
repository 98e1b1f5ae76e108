"""Sessions in memory."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from copy import copy
from datetime import datetime

from attrs import evolve, frozen

from ...core.eventlog import Event, Recorder
from ...core.identity import Device, Login, Session, SessionId, SessionNotFoundError, User, UserNotFoundError
from ...core.kernel import UserId
from .event_log import MemoryEventLog
from .rows import Rows


@frozen
class MemorySessionRepository:
    """The rows of one transaction."""

    _rows: Rows[SessionId, Session]
    _users: Rows[UserId, User]
    _log: MemoryEventLog
    _recorder: Recorder

    async def get(self, session_id: SessionId) -> Session:
        try:
            return self._rows[session_id]
        except KeyError:
            raise SessionNotFoundError from None

    async def save(self, session: Session, *events: Event) -> None:
        if session.user_id not in self._users:
            raise UserNotFoundError(session.user_id)
        session.version = await self._log.append(session.stream, self._recorder(events), session.version)
        kept = self._rows.get(session.id, session)
        self._rows[session.id] = evolve(session, last_activity_at=kept.last_activity_at)

    async def not_ended_of(self, user_id: UserId, at: datetime) -> Sequence[Session]:
        found = [
            row
            for row in self._rows.values()
            if row.user_id == user_id and row.ended_at is None and at < row.expires_at
        ]
        return sorted(found, key=lambda session: (session.created_at, session.id), reverse=True)

    async def discard_expired(self, before: datetime, limit: int) -> int:
        expired = [row.id for row in self._rows.values() if row.expires_at < before][:limit]
        for session_id in expired:
            del self._rows[session_id]
        return len(expired)


@frozen
class MemorySessionQueries:
    """What is committed."""

    _committed: MutableMapping[SessionId, Session]
    _users: Mapping[UserId, User]

    async def find_by_token(self, token_hash: bytes) -> Login | None:
        return self._login(lambda session: session.token_hash == token_hash)

    async def find(self, session_id: SessionId) -> Login | None:
        return self._login(lambda session: session.id == session_id)

    async def touch(self, session_id: SessionId, at: datetime) -> None:
        session = self._committed.get(session_id)
        if session and session.last_activity_at < at:
            self._committed[session_id] = evolve(session, last_activity_at=at)

    async def has_logged_in_from(self, user_id: UserId, site: str) -> bool:
        return any(
            session.user_id == user_id and Device(session.ip_address).site == site
            for session in self._committed.values()
        )

    def _login(self, is_wanted: Callable[[Session], bool]) -> Login | None:
        session = next(filter(is_wanted, self._committed.values()), None)
        return Login(copy(session), copy(self._users.get(session.user_id))) if session else None
