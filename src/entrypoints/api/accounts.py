"""Routes for making an account, and for those who cannot log in: mailed tokens, free names, good passwords."""

from typing import Annotated

from litestar import get, post
from litestar.params import JSONBody
from litestar.response.base import ASGIResponse

from ...core.identity import RESET_REQUEST
from ...core.resilience import RateLimit
from .access import ANYONE, LOGGED_IN, anyone_within
from .answer_headers import LOCATION
from .documentation import refusals
from .identity_answers import AvailabilityResponse, StrengthResponse, UserResponse
from .identity_requests import (
    PasswordResetRequest,
    RegisterRequest,
    ResetPasswordRequest,
    StrengthRequest,
    TokenRequest,
)
from .queries import query
from .requests import ApiRequest
from .resources import ApiResponse

_TAGS = ["identity"]

_REGISTRATIONS = RateLimit("registrations_of_address", 20, window_s=60 * 60)
_LOOK_UPS = RateLimit("availability_of_address", 60, window_s=60)
_MEASUREMENTS = RateLimit("password_strength_of_address", 60, window_s=60)


@post(
    "/auth/register",
    access=anyone_within(_REGISTRATIONS),
    summary="Register",
    response_headers=[LOCATION],
    tags=_TAGS,
    responses=refusals(409, 413, 415),
)
async def register_user(data: JSONBody[RegisterRequest], request: ApiRequest) -> ApiResponse[UserResponse]:
    """Make an account, of the role `User`."""
    user = await request.application.identity.register_user(data.to_domain())
    shown = await UserResponse.shown(user, request.application.identity.orders)
    return ApiResponse(shown, headers={"Location": f"/api/v1/users/{user.id}"})


@get(
    "/auth/availability",
    access=anyone_within(_LOOK_UPS),
    summary="Look whether a name is free",
    tags=_TAGS,
    responses=refusals(),
)
async def show_availability(
    request: ApiRequest,
    username: Annotated[str | None, query("A username.")] = None,
    email: Annotated[str | None, query("An e-mail address.")] = None,
) -> AvailabilityResponse:
    """Tell whether a username, an e-mail address or both are free; a name once taken is for ever."""
    found = await request.application.identity.check_availability(username=username, email=email)
    return AvailabilityResponse(found.username, found.email)


@post(
    "/auth/password-strength",
    access=anyone_within(_MEASUREMENTS),
    status_code=200,
    summary="Measure a password",
    tags=_TAGS,
    responses=refusals(413, 415),
)
async def measure_password(data: JSONBody[StrengthRequest], request: ApiRequest) -> StrengthResponse:
    """Tell how hard a password is to guess. It is a hint, and no rule; the password is kept nowhere."""
    return StrengthResponse.of(
        await request.application.identity.measure_strength(data.password, data.user_inputs or ())
    )


@post(
    "/auth/email-verification",
    access=LOGGED_IN,
    status_code=202,
    summary="Ask for a verification mail",
    tags=_TAGS,
    responses=refusals(409, 502),
)
async def request_email_verification(request: ApiRequest) -> ASGIResponse:
    """Mail the caller a link that verifies their address; it is good for 24 hours, and once."""
    await request.application.identity.request_email_verification(request.principal)
    return _accepted()


@post(
    "/auth/email-verification/confirm",
    access=ANYONE,
    status_code=204,
    summary="Verify an address",
    tags=_TAGS,
    responses=refusals(413, 415),
)
async def verify_email(data: JSONBody[TokenRequest], request: ApiRequest) -> None:
    """Verify an e-mail address by the token that was mailed to it."""
    await request.application.identity.verify_email(data.token.reveal())


@post(
    "/auth/password-reset",
    access=ANYONE,
    status_code=202,
    summary="Ask for a reset mail",
    tags=_TAGS,
    responses=refusals(413, 415),
)
async def request_password_reset(data: JSONBody[PasswordResetRequest], request: ApiRequest) -> ASGIResponse:
    """Mail a link that resets the password, if there is an account; it is good for an hour, and once."""
    RESET_REQUEST.check({"email": data.email})
    # Answered before anything is looked up: how long that takes would tell whether the address is known.
    request.application.background.start(request.application.identity.request_password_reset(data.email))
    return _accepted()


@post(
    "/auth/password-reset/confirm",
    access=ANYONE,
    status_code=204,
    summary="Reset a password",
    tags=_TAGS,
    responses=refusals(413, 415),
)
async def reset_password(data: JSONBody[ResetPasswordRequest], request: ApiRequest) -> None:
    """Set another password by the token that was mailed; every session of the account ends."""
    await request.application.identity.reset_password(data.token.reveal(), data.new_password)


def _accepted() -> ASGIResponse:
    # Given None, the framework would answer with the text ``null``; and what is nothing is of no type.
    answer = ASGIResponse(status_code=202)
    del answer.headers["content-type"]
    return answer


ROUTES = (
    register_user,
    show_availability,
    measure_password,
    request_email_verification,
    verify_email,
    request_password_reset,
    reset_password,
)
