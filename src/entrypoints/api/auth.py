"""Routes for who calls: logging in and out, access tokens, the caller's own sessions."""

from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ...core.identity import Device, SessionId
from ...core.kernel import Clock, ExpectedVersion, Principal
from ..composition import Identity
from .access import ANYONE, LOGGED_IN, OPEN
from .answer_headers import SET_COOKIE
from .credentials import Credentials, SessionCookie
from .documentation import refusals
from .identity_answers import (
    AccessTokenResponse,
    KeysResponse,
    LoginResponse,
    SessionResponse,
    SessionsResponse,
    UserResponse,
)
from .identity_requests import LoginRequest

_TAGS = ["identity"]


@post(
    "/auth/login",
    access=ANYONE,
    status_code=200,
    summary="Log in",
    response_description="A new session; browsers get its token in a cookie, too.",
    response_headers=[SET_COOKIE],
    tags=_TAGS,
    responses=refusals(401, 413, 415),
)
async def log_in(
    data: JSONBody[LoginRequest],
    identity: NamedDependency[Identity],
    device: NamedDependency[Device],
    cookie: NamedDependency[SessionCookie],
    clock: NamedDependency[Clock],
) -> Response[LoginResponse]:
    """
    Log in with a username or an e-mail address.

    An unknown user and a wrong password are answered alike. After too many failures nobody can log in for a while,
    right password or not; sessions that live go on.
    """
    login = await identity.log_in(data.username, data.password, device)
    token = login.token.reveal()
    body = LoginResponse(
        token=token,
        expires_at=login.session.expires_at,
        access_token=login.access_token.token,
        access_token_expires_at=login.access_token.expires_at,
        token_type="Bearer",  # noqa: S106 - a type, not a token
        user=await UserResponse.shown(login.user, identity.orders),
    )
    return Response(body, cookies=[cookie.holding(token, until=body.expires_at, now=clock())])


@post(
    "/auth/token",
    access=LOGGED_IN,
    status_code=200,
    summary="Get an access token",
    tags=_TAGS,
    responses=refusals(),
)
async def issue_access_token(
    credentials: NamedDependency[Credentials], identity: NamedDependency[Identity]
) -> AccessTokenResponse:
    """Give another access token for the caller's session; it takes the token of that, and no access token."""
    return AccessTokenResponse.of(await identity.issue_access_token(credentials.token.reveal()))


@post(
    "/auth/logout",
    access=LOGGED_IN,
    status_code=204,
    summary="Log out",
    response_headers=[SET_COOKIE],
    tags=_TAGS,
    responses=refusals(),
)
async def log_out(
    principal: NamedDependency[Principal],
    identity: NamedDependency[Identity],
    cookie: NamedDependency[SessionCookie],
) -> Response[None]:
    """End the caller's session; its token and its access tokens are worth nothing from now on."""
    await identity.log_out(principal)
    return Response(None, cookies=[cookie.cleared()])


@get("/auth/me", access=LOGGED_IN, summary="Show the caller", tags=_TAGS, responses=refusals())
async def show_caller(
    principal: NamedDependency[Principal], identity: NamedDependency[Identity]
) -> UserResponse:
    """Show the caller's own account."""
    user = await identity.find_user(principal, principal.user_id)
    return await UserResponse.shown(user, identity.orders)


@get("/auth/sessions", access=LOGGED_IN, summary="List sessions", tags=_TAGS, responses=refusals())
async def list_sessions(
    principal: NamedDependency[Principal], identity: NamedDependency[Identity]
) -> SessionsResponse:
    """List where the caller is logged in, newest first."""
    sessions = await identity.list_sessions(principal)
    return SessionsResponse([SessionResponse.of(session, principal) for session in sessions])


@delete(
    "/auth/sessions/{session_id:uuid}",
    access=LOGGED_IN,
    summary="End a session",
    tags=_TAGS,
    responses=refusals(404),
)
async def end_session(
    session_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    identity: NamedDependency[Identity],
    expected: NamedDependency[ExpectedVersion],
) -> None:
    """End one of the caller's sessions."""
    await identity.end_session(principal, SessionId(session_id), expected=expected)


@delete("/auth/sessions", access=LOGGED_IN, summary="End other sessions", tags=_TAGS, responses=refusals())
async def end_other_sessions(
    principal: NamedDependency[Principal], identity: NamedDependency[Identity]
) -> None:
    """End all of the caller's sessions but the one that this call belongs to."""
    await identity.end_sessions(principal.user_id, keep=SessionId(principal.session_id))


@get(
    "/.well-known/jwks.json",
    access=OPEN,
    summary="Show the keys of access tokens",
    tags=_TAGS,
)
async def show_keys(identity: NamedDependency[Identity]) -> KeysResponse:
    """Give the public keys by which others verify access tokens (RFC 7517); none where the key is secret."""
    return KeysResponse(identity.jwks()["keys"])


ROUTES = (
    log_in,
    issue_access_token,
    log_out,
    show_caller,
    list_sessions,
    end_session,
    end_other_sessions,
)
