"""Who calls: the use cases of identity, put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from attrs import evolve, frozen

from ...adapters.memory import MemoryBreachedPasswords
from ...adapters.resilience import Failures, GuardTerms
from ...adapters.security.argon2 import Argon2PasswordHasher
from ...adapters.security.jwt import JwtAccessTokens
from ...adapters.security.strength import ZxcvbnStrengthMeter
from ...adapters.telemetry.metrics import PrometheusMetrics
from ...core.identity import (
    EMAIL_CHANGES_OF_ACCOUNT,
    LOGIN_FAILURES_OF_ADDRESS,
    MAILS_OF_ACCOUNT,
    Authenticate,
    Begin,
    BreachedPasswords,
    ChangeEmail,
    ChangePassword,
    CheckAvailability,
    CheckPassword,
    DeleteUser,
    DiscardExpired,
    EndSession,
    EndSessions,
    EnsureAdmin,
    Entropy,
    FindUser,
    IssueAccessToken,
    ListSessions,
    ListUsers,
    LogIn,
    LogOut,
    Mailer,
    MailToken,
    MeasureStrength,
    OrderCounts,
    PasswordForms,
    PasswordHasher,
    PasswordPolicy,
    PrincipalCache,
    RecordDenial,
    RegisterUser,
    ReplacePassword,
    RequestEmailVerification,
    RequestPasswordReset,
    ResetPassword,
    SessionLimits,
    SessionQueries,
    SetRoles,
    UserQueries,
    VerifyEmail,
)
from ...core.kernel import Clock, IdFactory, QuaysideError
from ...core.resilience import CircuitTerms, Effect, RateLimit, RateLimiter, RetryTerms
from ..settings import Settings
from .guards import guard_of
from .keys import jwt_keys
from .storage import Storage
from .surroundings import Surroundings

_log = structlog.get_logger()

_BREACHES_TOLD_IN_S = 1.0


@frozen
class Identity:
    """Every use case of identity, what the API shows of its keys, and what is known of accounts elsewhere."""

    register_user: RegisterUser
    ensure_admin: EnsureAdmin
    check_availability: CheckAvailability
    log_in: LogIn
    log_out: LogOut
    authenticate: Authenticate
    issue_access_token: IssueAccessToken
    list_sessions: ListSessions
    end_session: EndSession
    end_sessions: EndSessions
    discard_expired: DiscardExpired
    find_user: FindUser
    list_users: ListUsers
    set_roles: SetRoles
    delete_user: DeleteUser
    change_email: ChangeEmail
    request_email_verification: RequestEmailVerification
    verify_email: VerifyEmail
    change_password: ChangePassword
    request_password_reset: RequestPasswordReset
    reset_password: ResetPassword
    replace_password: ReplacePassword
    measure_strength: MeasureStrength
    record_denial: RecordDenial
    orders: OrderCounts
    jwks: Callable[[], dict[str, Any]]


@frozen
class _Parts:
    """What the use cases of identity share."""

    begin: Begin
    users: UserQueries
    sessions: SessionQueries
    hasher: PasswordHasher
    tokens: JwtAccessTokens
    forms: PasswordForms
    check_password: CheckPassword
    mail_token: MailToken
    change_email: ChangeEmail
    limits: SessionLimits
    principals: PrincipalCache
    orders: OrderCounts
    clock: Clock
    new_id: IdFactory
    entropy: Entropy


@asynccontextmanager
async def identity_of(  # noqa: PLR0913 - none of them belongs to another
    settings: Settings,
    storage: Storage,
    surroundings: Surroundings,
    metrics: PrometheusMetrics,
    *,
    limiter: RateLimiter,
    mailer: Mailer | None,
    hasher: PasswordHasher | None,
) -> AsyncIterator[Identity]:
    """
    Put identity together, and take it apart at the end.

    Args:
        limiter: Shared by all processes.
        mailer, hasher: Instead of those that *settings* ask for; who gives a hasher closes it.
        metrics: Told of every rule of a form that is broken, and of calls outside.
    """
    clock, new_id = surroundings.clock, surroundings.new_id
    begin, sessions = storage.begin, storage.sessions
    multiplied = partial(_multiplied, settings.rate_limit_factor)
    mailer = mailer or _mailer(settings, clock, new_id)
    async with _breaches(settings, metrics) as breaches, _hasher(settings, hasher) as passwords:
        check_password = CheckPassword(
            begin, sessions, passwords, limiter, clock, multiplied(LOGIN_FAILURES_OF_ADDRESS)
        )
        parts = _Parts(
            begin=begin,
            users=storage.users,
            sessions=sessions,
            hasher=passwords,
            tokens=JwtAccessTokens(jwt_keys(settings), new_id, settings.jwt_issuer, settings.jwt_audience),
            forms=PasswordForms(
                PasswordPolicy(settings.password_policy), breaches, metrics.observe_broken_rule
            ),
            check_password=check_password,
            mail_token=MailToken(
                begin,
                mailer,
                limiter,
                clock,
                surroundings.entropy,
                settings.public_url,
                multiplied(MAILS_OF_ACCOUNT),
            ),
            change_email=ChangeEmail(
                begin, storage.users, check_password, limiter, clock, multiplied(EMAIL_CHANGES_OF_ACCOUNT)
            ),
            limits=SessionLimits(),
            principals=PrincipalCache(surroundings.monotonic),
            orders=storage.orders,
            clock=clock,
            new_id=new_id,
            entropy=surroundings.entropy,
        )
        yield _assembled(parts)


def _assembled(p: _Parts) -> Identity:
    register_user = RegisterUser(p.begin, p.hasher, p.forms.registration(p.users), p.clock, p.new_id)
    return Identity(
        register_user=register_user,
        ensure_admin=EnsureAdmin(register_user, p.users),
        check_availability=CheckAvailability(p.users),
        log_in=LogIn(
            p.begin,
            p.users,
            p.check_password,
            p.hasher,
            p.tokens,
            p.principals,
            p.limits,
            p.clock,
            p.new_id,
            p.entropy,
        ),
        log_out=LogOut(p.begin, p.principals, p.clock),
        authenticate=Authenticate(p.sessions, p.tokens, p.principals, p.limits, p.clock),
        issue_access_token=IssueAccessToken(p.sessions, p.tokens, p.limits, p.clock),
        list_sessions=ListSessions(p.begin, p.limits, p.clock),
        end_session=EndSession(p.begin, p.principals, p.limits, p.clock),
        end_sessions=EndSessions(p.begin, p.principals, p.clock),
        discard_expired=DiscardExpired(p.begin, p.limits, p.clock),
        find_user=FindUser(p.users),
        list_users=ListUsers(p.users),
        set_roles=SetRoles(p.begin, p.principals, p.clock),
        delete_user=DeleteUser(p.begin, p.principals, p.clock),
        change_email=p.change_email,
        request_email_verification=RequestEmailVerification(p.users, p.mail_token),
        verify_email=VerifyEmail(p.begin, p.clock),
        change_password=ChangePassword(
            p.begin, p.users, p.check_password, p.hasher, p.forms.change(), p.principals, p.clock
        ),
        request_password_reset=RequestPasswordReset(p.users, p.mail_token),
        reset_password=ResetPassword(
            p.begin, p.hasher, p.forms.reset(p.begin, p.clock), p.principals, p.clock
        ),
        replace_password=ReplacePassword(p.begin, p.hasher, p.forms.replacement(), p.principals, p.clock),
        measure_strength=MeasureStrength(ZxcvbnStrengthMeter()),
        record_denial=RecordDenial(p.begin, p.clock),
        orders=p.orders,
        jwks=lambda: p.tokens.jwks(at=p.clock()),
    )


def _multiplied(factor: int, limit: RateLimit) -> RateLimit:
    return evolve(limit, count=limit.count * factor)


@asynccontextmanager
async def _hasher(settings: Settings, given: PasswordHasher | None) -> AsyncIterator[PasswordHasher]:
    if given is not None:
        yield given
        return
    hasher = Argon2PasswordHasher(
        memory_kib=settings.argon2_memory_kib,
        passes=settings.argon2_time_cost,
        lanes=settings.argon2_parallelism,
        threads=settings.password_hashers,
    )
    try:
        yield hasher
    finally:
        hasher.close()


@asynccontextmanager
async def _breaches(settings: Settings, metrics: PrometheusMetrics) -> AsyncIterator[BreachedPasswords]:
    if settings.breach_check_url is None:
        yield MemoryBreachedPasswords()
        return
    from ...adapters.http.breaches import BreachLookUpError, HibpBreachedPasswords

    def given_up(error: QuaysideError) -> None:
        _log.warning("breach look-up given up", error=error.message)

    # Whoever registers would not wait for another try; and while the service is away, not even for the first.
    terms = GuardTerms(_BREACHES_TOLD_IN_S, RetryTerms(tries=1), CircuitTerms())
    guard = guard_of("breaches", terms, Failures(BreachLookUpError, BreachLookUpError), metrics)
    async with HibpBreachedPasswords(
        given_up,
        base_url=settings.breach_check_url,
        timeout_s=_BREACHES_TOLD_IN_S,
        guard=partial(guard, "range", Effect.NONE),
    ) as breaches:
        yield breaches


def _mailer(settings: Settings, clock: Clock, new_id: IdFactory) -> Mailer:
    from ...adapters.mail import EmlDirectoryMailer, SmtpMailer, SmtpServer

    if settings.smtp_url is not None:
        server = SmtpServer.at(settings.smtp_url.get_secret_value())
        return SmtpMailer(server, settings.mail_from, clock, new_id)
    return EmlDirectoryMailer(
        settings.mail_dir or settings.data_dir / "mail", settings.mail_from, clock, new_id
    )
