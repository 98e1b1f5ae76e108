"""What is answered about accounts and sessions."""

from datetime import datetime
from uuid import UUID

import msgspec

from ...core.identity import AccessToken, PasswordStrength, Role, Session, User
from ...core.kernel import Principal
from .lists import ListResponse
from .resources import Resource


class UserResponse(Resource, msgspec.Struct, kw_only=True):
    """An account; nothing of its password."""

    id: UUID
    username: str
    email: str
    email_verified: bool
    roles: list[Role]
    order_count: int
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, user: User) -> "UserResponse":
        return cls(
            id=user.id,
            username=user.username,
            email=user.email,
            email_verified=user.email_verified,
            roles=[role for role in Role if role in user.roles],
            order_count=user.order_count,
            created_at=user.created_at,
            updated_at=user.updated_at,
            version=user.version,
        )


class UserListResponse(ListResponse[UserResponse]):
    """One page of accounts, newest first."""

    data: list[UserResponse]  # said again for the API's description, which follows no type variable


class AccessTokenResponse(msgspec.Struct):
    """A token that other services verify by themselves."""

    access_token: str
    access_token_expires_at: datetime

    @classmethod
    def of(cls, token: AccessToken) -> "AccessTokenResponse":
        return cls(token.token, token.expires_at)


class LoginResponse(msgspec.Struct, kw_only=True):
    """A new session: the only answer that ever shows its token."""

    token: str
    expires_at: datetime
    access_token: str
    access_token_expires_at: datetime
    token_type: str
    user: UserResponse


class SessionResponse(msgspec.Struct, kw_only=True):
    """One login of the caller's."""

    id: UUID
    created_at: datetime
    last_activity_at: datetime
    ip_address: str | None
    user_agent: str | None
    current: bool

    @classmethod
    def of(cls, session: Session, caller: Principal) -> "SessionResponse":
        return cls(
            id=session.id,
            created_at=session.created_at,
            last_activity_at=session.last_activity_at,
            ip_address=session.ip_address,
            user_agent=session.user_agent,
            current=session.id == caller.session_id,
        )


class SessionsResponse(msgspec.Struct):
    """All live sessions of the caller's, newest first."""

    data: list[SessionResponse]


class AvailabilityResponse(msgspec.Struct, omit_defaults=True):
    """Whether names are free; of those that were asked for."""

    username_available: bool | None = None
    email_available: bool | None = None


class StrengthResponse(msgspec.Struct):
    """How hard a password is to guess: 0 at once, 4 never."""

    score: int
    feedback: list[str]
    time_to_crack: str

    @classmethod
    def of(cls, strength: PasswordStrength) -> "StrengthResponse":
        return cls(strength.score, list(strength.feedback), strength.time_to_crack)


class KeysResponse(msgspec.Struct):
    """A JWK Set."""

    keys: list[dict[str, str]]
