"""Sessions in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from ...core.eventlog import Event, EventLog, Recorder
from ...core.identity import Login, Session, SessionId, SessionNotFoundError, UserNotFoundError
from ...core.kernel import UserId
from .connection import Connection, Lend
from .queries import named_queries
from .users import to_user

_SQL = named_queries("sessions")


@frozen
class PostgresSessionRepository:
    """Rows of ``session``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _log: EventLog
    _recorder: Recorder

    async def get(self, session_id: SessionId) -> Session:
        row = await (await self._connection.execute(_SQL["get"], {"id": session_id})).fetchone()
        if row is None:
            raise SessionNotFoundError
        return _to_session(row)

    async def save(self, session: Session, *events: Event) -> None:
        # Whoever catches the refusal goes on as if this had not begun.
        async with self._connection.transaction():
            # The append's compare-and-set is the optimistic lock of the row, too.
            version = await self._log.append(session.stream, self._recorder(events), session.version)
            saved = await self._connection.execute(_SQL["save"], _to_row(session) | {"version": version})
            if saved.rowcount == 0:
                raise UserNotFoundError(session.user_id)
        session.version = version

    async def not_ended_of(self, user_id: UserId, at: datetime) -> Sequence[Session]:
        cursor = await self._connection.execute(_SQL["not_ended_of"], {"user_id": user_id, "at": at})
        return [_to_session(row) for row in await cursor.fetchall()]

    async def discard_expired(self, before: datetime, limit: int) -> int:
        parameters = {"before": before, "limit": limit}
        return (await self._connection.execute(_SQL["discard_expired"], parameters)).rowcount


@frozen
class PostgresSessionQueries:
    """Rows of ``session`` as they are committed."""

    _lend: Lend

    async def find_by_token(self, token_hash: bytes) -> Login | None:
        return await self._login(_SQL["find_by_token"], {"token_hash": token_hash})

    async def find(self, session_id: SessionId) -> Login | None:
        return await self._login(_SQL["find"], {"id": session_id})

    async def touch(self, session_id: SessionId, at: datetime) -> None:
        async with self._lend() as connection:
            await connection.execute(_SQL["touch"], {"id": session_id, "at": at})

    async def has_logged_in_from(self, user_id: UserId, site: str) -> bool:
        parameters = {"user_id": user_id, "site": site}
        async with self._lend() as connection:
            row = await (await connection.execute(_SQL["has_logged_in_from"], parameters)).fetchone()
        return row is not None

    async def _login(self, query: bytes, parameters: Mapping[str, object]) -> Login | None:
        async with self._lend() as connection:
            row = await (await connection.execute(query, parameters)).fetchone()
        if row is None:
            return None
        return Login(_to_session(row), None if row["id"] is None else to_user(row))


def _to_row(session: Session) -> dict[str, object]:
    return {
        "id": session.id,
        "user_id": session.user_id,
        "token_hash": session.token_hash,
        "created_at": session.created_at,
        "last_activity_at": session.last_activity_at,
        "expires_at": session.expires_at,
        "ip_address": session.ip_address,
        "user_agent": session.user_agent,
        "ended_at": session.ended_at,
    }


def _to_session(row: Mapping[str, Any]) -> Session:
    return Session(
        id=SessionId(row["session_id"]),
        version=row["session_version"],
        user_id=UserId(row["user_id"]),
        token_hash=row["token_hash"],
        created_at=row["session_created_at"],
        last_activity_at=row["last_activity_at"],
        expires_at=row["expires_at"],
        ip_address=row["ip_address"],
        user_agent=row["user_agent"],
        ended_at=row["ended_at"],
    )
