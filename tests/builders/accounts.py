"""All accounts of a service in memory, driven through the use cases of identity."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from itertools import count

from attrs import define, field

from disclosure import typed
from quayside.adapters.memory import (
    ManualClock,
    MemoryBreachedPasswords,
    MemoryMailer,
    MemoryRateLimiter,
    MemoryStore,
)
from quayside.adapters.security.argon2 import Argon2PasswordHasher
from quayside.adapters.security.jwt import JwtAccessTokens
from quayside.adapters.security.key_ring import JwtAlgorithm, JwtKey, KeyRing
from quayside.core.eventlog import StreamId
from quayside.core.identity import (
    Authenticate,
    ChangeEmail,
    ChangePassword,
    CheckAvailability,
    CheckPassword,
    DeleteUser,
    Device,
    EndSession,
    EndSessions,
    EnsureAdmin,
    FindUser,
    IssueAccessToken,
    ListSessions,
    ListUsers,
    LoggedIn,
    LogIn,
    LogOut,
    MailToken,
    PasswordForms,
    PasswordPolicy,
    PrincipalCache,
    RecordDenial,
    RegisterUser,
    Registration,
    ReplacePassword,
    RequestEmailVerification,
    RequestPasswordReset,
    ResetPassword,
    Role,
    SessionLimits,
    SetRoles,
    User,
    VerifyEmail,
)
from quayside.core.kernel import Principal, Secret, UserId, Uuid7Factory
from quayside.core.kernel.validation import Occasion

from .events import OpenRecorder
from .payments import NOON

PASSWORD = "Correct horse battery 9"
HOME = "192.0.2.1"


@define(eq=False)
class UnhurriedHasher:
    """
    Argon2 as cheap as it gets, which lets something else happen while it computes.

    Args:
        meanwhile: Called, and awaited, once: after the next comparison.
        is_asked: Set when a comparison begins.
    """

    argon2: Argon2PasswordHasher = field(
        factory=lambda: Argon2PasswordHasher(memory_kib=8, passes=1, lanes=1, threads=1)
    )
    meanwhile: Callable[[], Awaitable[object]] | None = None
    is_asked: asyncio.Event = field(factory=asyncio.Event)

    async def hash(self, password: Secret) -> str:
        typed(password.reveal())
        return await self.argon2.hash(password)

    async def verify(self, password_hash: str | None, password: Secret) -> bool:
        typed(password.reveal())
        self.is_asked.set()
        is_right = await self.argon2.verify(password_hash, password)
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return is_right

    def is_outdated(self, password_hash: str) -> bool:
        return self.argon2.is_outdated(password_hash)


class Accounts:
    """
    Everybody there is, at noon; close it, for its hasher has a thread.

    Args:
        breached: Passwords that others have lost.
    """

    def __init__(
        self, policy: PasswordPolicy = PasswordPolicy.COMPOSITION, breached: Iterable[str] = ()
    ) -> None:
        serial = count()
        self.clock = clock = ManualClock(NOON)
        self.hasher = hasher = UnhurriedHasher()
        self.mailer = MemoryMailer()
        self.broken_rules: Counter[tuple[Occasion, str, str]] = Counter()
        limits = SessionLimits()

        def entropy(size: int) -> bytes:
            return sha256(str(next(serial)).encode()).digest()[:size]

        new_id = Uuid7Factory(clock, entropy)
        self.keys = KeyRing(JwtKey.generate(JwtAlgorithm.EDDSA))
        self.access_tokens = JwtAccessTokens(lambda: self.keys, new_id, "https://shop.test", "quayside")
        self.store = store = MemoryStore(OpenRecorder(clock, new_id))
        self.limiter = MemoryRateLimiter(clock)
        self.principals = principals = PrincipalCache(lambda: clock().timestamp())
        begin, users, sessions = store.begin, store.users, store.sessions
        forms = PasswordForms(policy, MemoryBreachedPasswords(set(breached)), self._count)
        check = CheckPassword(begin, sessions, hasher, self.limiter, clock)
        mail = MailToken(begin, self.mailer, self.limiter, clock, entropy, "https://shop.test")

        self.register_user = RegisterUser(begin, hasher, forms.registration(users), clock, new_id)
        self.ensure_admin = EnsureAdmin(self.register_user, users)
        self.check_availability = CheckAvailability(users)
        self.log_in = LogIn(
            begin, users, check, hasher, self.access_tokens, principals, limits, clock, new_id, entropy
        )
        self.issue_access_token = IssueAccessToken(sessions, self.access_tokens, limits, clock)
        self.authenticate = Authenticate(sessions, self.access_tokens, principals, limits, clock)
        self.log_out = LogOut(begin, principals, clock)
        self.list_sessions = ListSessions(begin, limits, clock)
        self.end_session = EndSession(begin, principals, limits, clock)
        self.end_sessions = EndSessions(begin, principals, clock)
        self.change_password = ChangePassword(begin, users, check, hasher, forms.change(), principals, clock)
        self.request_password_reset = RequestPasswordReset(users, mail)
        self.reset_password = ResetPassword(begin, hasher, forms.reset(begin, clock), principals, clock)
        self.replace_password = ReplacePassword(begin, hasher, forms.replacement(), principals, clock)
        self.change_email = ChangeEmail(begin, users, check, self.limiter, clock)
        self.request_email_verification = RequestEmailVerification(users, mail)
        self.verify_email = VerifyEmail(begin, clock)
        self.find_user = FindUser(users)
        self.list_users = ListUsers(users)
        self.set_roles = SetRoles(begin, principals, clock)
        self.delete_user = DeleteUser(begin, principals, clock)
        self.record_denial = RecordDenial(begin, clock)

    def close(self) -> None:
        """Stop hashing."""
        self.hasher.argon2.close()

    async def has(self, username: str, *roles: Role, password: str = PASSWORD) -> User:
        """An account of that name, at example.com."""
        wanted = Registration(username, f"{username}@example.com", Secret(password))
        return await self.register_user(wanted, roles=roles)

    async def enter(self, login: str, password: str = PASSWORD, *, ip_address: str = HOME) -> LoggedIn:
        """Log in."""
        return await self.log_in(login, Secret(password), Device(ip_address, "a browser"))

    async def caller(self, login: str, *, ip_address: str = HOME) -> Principal:
        """Somebody who has just logged in."""
        logged_in = await self.enter(login, ip_address=ip_address)
        return await self.authenticate(logged_in.token.reveal())

    def mailed_token(self) -> str:
        """The token of the latest letter."""
        [token] = re.findall(r"\?token=(\S+)", self.mailer.sent[-1].text)
        return str(token)

    async def story(self, stream: StreamId) -> list[str]:
        """The names of the events of *stream*, in order."""
        return [recorded.event.type_name() for recorded in await self.store.events.read_stream(stream)]

    async def denials(self, user_id: UserId) -> list[str]:
        """What was recorded of the user without changing anything."""
        return await self.story(StreamId("access", user_id))

    def _count(self, occasion: Occasion, path: str, code: str) -> None:
        self.broken_rules[occasion, path, code] += 1
