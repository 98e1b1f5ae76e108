"""Accounts and sessions, saying only what the test is about."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from quayside.core.identity import Session, SessionId, User, hash_of
from quayside.core.kernel import UserId

from .payments import NOON

_serial = count(1)


def _next_id() -> UUID:
    """Greater than every one before."""
    return UUID(int=(0x0190_0000_0000_7000_9000 << 48) + next(_serial))


def a_user(**changes: Any) -> User:
    """An account that was just made, with names that no other has and an id greater than the one before."""
    user_id = _next_id()
    values: dict[str, Any] = {
        "id": UserId(user_id),
        "username": f"user_{user_id.node}",
        "email": f"user_{user_id.node}@example.com",
        "password_hash": "a hash",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return User(**values | changes)


def a_session(user: User, **changes: Any) -> Session:
    """A session of *user* that just began, with an id greater than the one before."""
    session_id = _next_id()
    values: dict[str, Any] = {
        "id": SessionId(session_id),
        "user_id": user.id,
        "token_hash": hash_of(str(session_id)),
        "created_at": NOON,
        "last_activity_at": NOON,
        "expires_at": NOON + timedelta(days=7),
    }
    return Session(**values | changes)
