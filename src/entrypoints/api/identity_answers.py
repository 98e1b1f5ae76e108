"""What is answered about accounts and sessions."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from ...core.identity import AccessToken, OrderCounts, PasswordStrength, Role, Session, User
from ...core.kernel import Page, Principal, Slice
from .answer_models import EXAMPLE_TIME, EXAMPLE_USER_ID, AnswerModel, told
from .cursors import ListCursors
from .entity_tags import entity_tag
from .lists import ListResponse
from .resources import Resource

_ACCESS_TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.YW4gZXhhbXBsZQ"  # noqa: S105 - an example


class UserResponse(Resource, AnswerModel, kw_only=True):
    """An account; nothing of its password."""

    id: UUID
    username: str
    email: str
    email_verified: bool
    roles: list[Role]
    order_count: Annotated[int, told("How many of its orders are confirmed, and not cancelled since.")]
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, told("One more after each change; what `ETag` is made of.")]

    @classmethod
    def example(cls) -> "UserResponse":
        return cls(
            id=EXAMPLE_USER_ID,
            username="ada_lovelace",
            email="ada@example.com",
            email_verified=True,
            roles=[Role.USER],
            order_count=0,
            created_at=EXAMPLE_TIME,
            updated_at=EXAMPLE_TIME,
            version=2,
        )

    @property
    def tag(self) -> str:
        """Another one with each order that is confirmed, of which no version tells."""
        return entity_tag(self.version, *([self.order_count] if self.order_count else []))

    @classmethod
    async def shown(cls, user: User, orders: OrderCounts) -> "UserResponse":
        """An account with what *orders* know of it."""
        counts = await orders.confirmed_counts([user.id])
        return cls.of(user, counts.get(user.id, 0))

    @classmethod
    def of(cls, user: User, order_count: int) -> "UserResponse":
        return cls(
            id=user.id,
            username=user.username,
            email=user.email,
            email_verified=user.email_verified,
            roles=[role for role in Role if role in user.roles],
            order_count=order_count,
            created_at=user.created_at,
            updated_at=user.updated_at,
            version=user.version,
        )


class UserListResponse(ListResponse[UserResponse]):
    """One page of accounts, newest first."""

    data: list[UserResponse]  # said again for the API's description, which follows no type variable

    @classmethod
    def example(cls) -> "UserListResponse":
        return cls.only(UserResponse.example())

    @classmethod
    async def shown(
        cls, found: Page[User] | Slice[User], orders: OrderCounts, cursors: ListCursors | None = None
    ) -> "UserListResponse":
        """Accounts with what *orders* know of them."""
        counts = await orders.confirmed_counts([user.id for user in found.items])
        return cls.of(found, lambda user: UserResponse.of(user, counts.get(user.id, 0)), cursors)


class AccessTokenResponse(AnswerModel):
    """A token that other services verify by themselves."""

    access_token: Annotated[str, told("A JWT.")]
    access_token_expires_at: datetime

    @classmethod
    def example(cls) -> "AccessTokenResponse":
        return cls(_ACCESS_TOKEN, EXAMPLE_TIME + timedelta(minutes=15))

    @classmethod
    def of(cls, token: AccessToken) -> "AccessTokenResponse":
        return cls(token.token, token.expires_at)


class LoginResponse(AnswerModel, kw_only=True):
    """A new session: the only answer that ever shows its token."""

    token: Annotated[str, told("The session's.")]
    expires_at: Annotated[datetime, told("When the session ends at the latest.")]
    access_token: Annotated[str, told("A JWT that other services verify by themselves.")]
    access_token_expires_at: datetime
    token_type: str
    user: UserResponse

    @classmethod
    def example(cls) -> "LoginResponse":
        return cls(
            token="c2Vzc2lvbiB0b2tlbiBvZiBub2JvZHksIGFuIGV4YW1wbGU",  # noqa: S106 - an example
            expires_at=EXAMPLE_TIME + timedelta(days=7),
            access_token=_ACCESS_TOKEN,
            access_token_expires_at=EXAMPLE_TIME + timedelta(minutes=15),
            token_type="Bearer",  # noqa: S106 - a type, not a token
            user=UserResponse.example(),
        )


class SessionResponse(AnswerModel, kw_only=True):
    """One login of the caller's."""

    id: UUID
    created_at: datetime
    last_activity_at: datetime
    ip_address: str | None
    user_agent: str | None
    current: Annotated[bool, told("Whether this call belongs to it.")]

    @classmethod
    def example(cls) -> "SessionResponse":
        return cls(
            id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a76"),
            created_at=EXAMPLE_TIME,
            last_activity_at=EXAMPLE_TIME + timedelta(minutes=5),
            ip_address="192.0.2.1",
            user_agent="Mozilla/5.0 (X11; Linux x86_64)",
            current=True,
        )

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


class SessionsResponse(AnswerModel):
    """All live sessions of the caller's, newest first."""

    data: list[SessionResponse]

    @classmethod
    def example(cls) -> "SessionsResponse":
        return cls([SessionResponse.example()])


class AvailabilityResponse(AnswerModel, omit_defaults=True):
    """Whether names are free; of those that were asked for."""

    username_available: bool | None = None
    email_available: bool | None = None

    @classmethod
    def example(cls) -> "AvailabilityResponse":
        return cls(username_available=True, email_available=False)


class StrengthResponse(AnswerModel):
    """How hard a password is to guess: 0 at once, 4 never."""

    score: Annotated[int, told("0 to 4.", minimum=0, maximum=4)]
    feedback: Annotated[list[str], told("What would make it harder to guess.")]
    time_to_crack: str

    @classmethod
    def example(cls) -> "StrengthResponse":
        return cls(1, ["Add another word or two. Uncommon words are better."], "3 hours")

    @classmethod
    def of(cls, strength: PasswordStrength) -> "StrengthResponse":
        return cls(strength.score, list(strength.feedback), strength.time_to_crack)


class KeysResponse(AnswerModel):
    """A JWK Set."""

    keys: list[dict[str, str]]

    @classmethod
    def example(cls) -> "KeysResponse":
        return cls(
            [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                    "use": "sig",
                    "alg": "EdDSA",
                }
            ]
        )
