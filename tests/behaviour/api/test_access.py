"""What a route declares, and what becomes of one that declares nothing."""

from typing import Any

import pytest
from litestar import Litestar, Router, asgi, get
from litestar.types import Receive, Scope, Send

from quayside.core.kernel import Permission
from quayside.entrypoints.api.access import (
    ANYONE,
    LOGGED_IN,
    OPEN,
    Access,
    AccessPlugin,
    UndeclaredAccessError,
    allowed_to,
)


@get("/open", access=OPEN)
async def declared() -> None: ...


@get("/forgotten")
async def forgotten() -> None: ...


@get("/misspelt", acces=OPEN)
async def misspelt() -> None: ...


@get("/unknown", access="anyone")
async def unknown() -> None: ...


@asgi("/mounted", is_mount=True, copy_scope=True)
async def mounted(scope: Scope, receive: Receive, send: Send) -> None: ...


@pytest.mark.parametrize(
    "handlers",
    [
        [forgotten],
        [declared, forgotten],
        [misspelt],
        [unknown],
        [mounted],
        [Router("/v1", route_handlers=[forgotten])],
    ],
)
def test_an_application_with_a_route_that_declares_no_access_is_not_built(handlers: list[Any]) -> None:
    with pytest.raises(UndeclaredAccessError):
        Litestar(handlers, plugins=[AccessPlugin()], openapi_config=None)


def test_an_application_whose_routes_all_declare_theirs_is_built() -> None:
    Litestar([declared], plugins=[AccessPlugin()], openapi_config=None)


@pytest.mark.parametrize(
    ("access", "method", "refusals"),
    [
        (OPEN, "POST", ()),
        (ANYONE, "POST", (429,)),
        (LOGGED_IN, "GET", (401, 429)),
        (LOGGED_IN, "POST", (401, 403, 429)),
        (allowed_to(Permission.USERS_WRITE), "GET", (401, 403, 429)),
    ],
)
def test_what_it_may_refuse_follows_from_what_is_declared(
    access: Access, method: str, refusals: tuple[int, ...]
) -> None:
    assert access.refusals(method) == refusals
