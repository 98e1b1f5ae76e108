"""Routes for who calls: logging in and out, access tokens, the caller's own sessions."""

from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ...core.identity import SessionId
from ...core.kernel import ExpectedVersion
from .access import ANYONE, LOGGED_IN, OPEN
from .answer_headers import SET_COOKIE
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
from .requests import ApiRequest

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
async def log_in(data: JSONBody[LoginRequest], request: ApiRequest) -> Response[LoginResponse]:
    """
    Log in with a username or an e-mail address.

    An unknown user and a wrong password are answered alike. After too many failures nobody can log in for a while,
    right password or not; sessions that live go on.
    """
    login = await request.application.identity.log_in(data.username, data.password, request.device)
    token = login.token.reveal()
    body = LoginResponse(
        token=token,
        expires_at=login.session.expires_at,
        access_token=login.access_token.token,
        access_token_expires_at=login.access_token.expires_at,
        token_type="Bearer",  # noqa: S106 - a type, not a token
        user=await UserResponse.shown(login.user, request.application.identity.orders),
    )
    return Response(
        body,
        cookies=[
            request.served.cookie.holding(token, until=body.expires_at, now=request.application.clock())
        ],
    )


@post(
    "/auth/token",
    access=LOGGED_IN,
    status_code=200,
    summary="Get an access token",
    tags=_TAGS,
    responses=refusals(),
)
async def issue_access_token(request: ApiRequest) -> AccessTokenResponse:
    """Give another access token for the caller's session; it takes the token of that, and no access token."""
    return AccessTokenResponse.of(
        await request.application.identity.issue_access_token(request.credentials.token.reveal())
    )


@post(
    "/auth/logout",
    access=LOGGED_IN,
    status_code=204,
    summary="Log out",
    response_headers=[SET_COOKIE],
    tags=_TAGS,
    responses=refusals(),
)
async def log_out(request: ApiRequest) -> Response[None]:
    """End the caller's session; its token and its access tokens are worth nothing from now on."""
    await request.application.identity.log_out(request.principal)
    return Response(None, cookies=[request.served.cookie.cleared()])


@get("/auth/me", access=LOGGED_IN, summary="Show the caller", tags=_TAGS, responses=refusals())
async def show_caller(request: ApiRequest) -> UserResponse:
    """Show the caller's own account."""
    user = await request.application.identity.find_user(request.principal, request.principal.user_id)
    return await UserResponse.shown(user, request.application.identity.orders)


@get("/auth/sessions", access=LOGGED_IN, summary="List sessions", tags=_TAGS, responses=refusals())
async def list_sessions(request: ApiRequest) -> SessionsResponse:
    """List where the caller is logged in, newest first."""
    sessions = await request.application.identity.list_sessions(request.principal)
    return SessionsResponse([SessionResponse.of(session, request.principal) for session in sessions])


@delete(
    "/auth/sessions/{session_id:uuid}",
    access=LOGGED_IN,
    summary="End a session",
    tags=_TAGS,
    responses=refusals(404),
)
async def end_session(
    session_id: FromPath[UUID], request: ApiRequest, expected: NamedDependency[ExpectedVersion]
) -> None:
    """End one of the caller's sessions."""
    await request.application.identity.end_session(
        request.principal, SessionId(session_id), expected=expected
    )


@delete("/auth/sessions", access=LOGGED_IN, summary="End other sessions", tags=_TAGS, responses=refusals())
async def end_other_sessions(request: ApiRequest) -> None:
    """End all of the caller's sessions but the one that this call belongs to."""
    await request.application.identity.end_sessions(
        request.principal.user_id, keep=SessionId(request.principal.session_id)
    )


@get(
    "/.well-known/jwks.json",
    access=OPEN,
    summary="Show the keys of access tokens",
    tags=_TAGS,
)
async def show_keys(request: ApiRequest) -> KeysResponse:
    """Give the public keys by which others verify access tokens (RFC 7517); none where the key is secret."""
    return KeysResponse(request.application.identity.jwks()["keys"])


ROUTES = (
    log_in,
    issue_access_token,
    log_out,
    show_caller,
    list_sessions,
    end_session,
    end_other_sessions,
)
