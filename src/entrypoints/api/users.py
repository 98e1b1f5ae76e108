"""Routes for accounts: one's own, and for Admins all."""

from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ...core.kernel import ExpectedVersion, Permission, UserId
from .access import LOGGED_IN, allowed_to
from .documentation import refusals
from .identity_answers import UserListResponse, UserResponse
from .identity_requests import ChangePasswordRequest, ChangeUserRequest, RolesRequest
from .queries import Cursor, PageNumber, PageSize, QueryReading
from .requests import ApiRequest

_TAGS = ["identity"]


@get(
    "/users/{user_id:uuid}", access=LOGGED_IN, summary="Show an account", tags=_TAGS, responses=refusals(404)
)
async def show_user(user_id: FromPath[UUID], request: ApiRequest) -> UserResponse:
    """Show one's own account; with `users:read_all` anyone's."""
    user = await request.application.identity.find_user(request.principal, UserId(user_id))
    return await UserResponse.shown(user, request.application.identity.orders)


@get(
    "/users",
    access=allowed_to(Permission.USERS_READ_ALL),
    summary="List accounts",
    tags=_TAGS,
    responses=refusals(),
)
async def list_users(
    request: ApiRequest, page: PageNumber = None, page_size: PageSize = None, cursor: Cursor = None
) -> UserListResponse:
    """List all accounts, newest first."""
    reading = QueryReading()
    list_cursors = request.cursors.of("users")
    place = reading.place(page, page_size, cursor, list_cursors)
    reading.check()
    found = await request.application.identity.list_users(request.principal, place)
    return await UserListResponse.shown(found, request.application.identity.orders, list_cursors)


@patch(
    "/users/{user_id:uuid}",
    access=LOGGED_IN,
    summary="Change an e-mail address",
    tags=_TAGS,
    responses=refusals(404, 409, 413, 415),
)
async def change_user(
    user_id: FromPath[UUID],
    data: JSONBody[ChangeUserRequest],
    request: ApiRequest,
    expected: NamedDependency[ExpectedVersion],
) -> UserResponse:
    """Change one's own e-mail address, knowing the password; with `users:write` anyone's, without it."""
    user = await request.application.identity.change_email(
        request.principal,
        UserId(user_id),
        data.email,
        current_password=data.current_password,
        device=request.device,
        expected=expected,
    )
    return await UserResponse.shown(user, request.application.identity.orders)


@delete(
    "/users/{user_id:uuid}",
    access=LOGGED_IN,
    summary="Delete an account",
    tags=_TAGS,
    responses=refusals(404, 422),
)
async def delete_user(
    user_id: FromPath[UUID], request: ApiRequest, expected: NamedDependency[ExpectedVersion]
) -> None:
    """Erase one's own account; with `users:write` anyone's. What it did keeps its id, and its names stay taken."""
    await request.application.identity.delete_user(request.principal, UserId(user_id), expected=expected)


@post(
    "/users/{user_id:uuid}/password",
    access=LOGGED_IN,
    status_code=204,
    summary="Change a password",
    tags=_TAGS,
    responses=refusals(404, 413, 415),
)
async def change_password(
    user_id: FromPath[UUID], data: JSONBody[ChangePasswordRequest], request: ApiRequest
) -> None:
    """Change one's own password, knowing the present one; all other sessions end."""
    await request.application.identity.change_password(
        request.principal,
        UserId(user_id),
        current_password=data.current_password,
        new_password=data.new_password,
        device=request.device,
    )


@put(
    "/users/{user_id:uuid}/roles",
    access=allowed_to(Permission.USERS_WRITE),
    summary="Set an account's roles",
    tags=_TAGS,
    responses=refusals(404, 413, 415, 422),
)
async def set_roles(
    user_id: FromPath[UUID],
    data: JSONBody[RolesRequest],
    request: ApiRequest,
    expected: NamedDependency[ExpectedVersion],
) -> UserResponse:
    """Give an account these roles, and `User`; they count from the next call on."""
    user = await request.application.identity.set_roles(UserId(user_id), data.roles, expected=expected)
    return await UserResponse.shown(user, request.application.identity.orders)


ROUTES = (show_user, list_users, change_user, delete_user, change_password, set_roles)
