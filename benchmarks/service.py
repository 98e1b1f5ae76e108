"""Our service as it is, and one composed so that it takes everybody for one and the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID

from attrs import evolve, frozen

from quayside.core.identity import Authenticate, Role, grants_of
from quayside.core.kernel import Principal, UserId
from quayside.entrypoints.api import ASGIApp, create_app
from quayside.entrypoints.composition import composed
from quayside.entrypoints.first_admin import make_first_admin
from quayside.entrypoints.settings import Settings

USERNAME, PASSWORD = "root", "Correct-Horse-1"

_NOBODY = UUID(int=0)
_SEES_ALL = Principal(UserId(_NOBODY), _NOBODY, frozenset({Role.ADMIN}), grants_of({Role.ADMIN}))


@frozen
class Welcome:
    """Stands where `Authenticate` does, and looks at nothing."""

    async def __call__(self, token: str) -> Principal:  # noqa: ARG002
        return _SEES_ALL


@asynccontextmanager
async def closed(database_url: str) -> AsyncIterator[ASGIApp]:
    """The service, with an account for whoever measures it."""
    settings = _settings(database_url, bootstrap_admin=f"{USERNAME}:root@shop.example:{PASSWORD}")
    async with composed(settings, migrates=True) as application:
        await make_first_admin(application, settings.public_url)
        yield create_app(application)


@asynccontextmanager
async def open_to_all(database_url: str) -> AsyncIterator[ASGIApp]:
    """The service without authentication."""
    async with composed(_settings(database_url)) as application:
        identity = evolve(application.identity, authenticate=cast("Authenticate", Welcome()))
        yield create_app(evolve(application, identity=identity))


def _settings(database_url: str, **chosen: str) -> Settings:
    # Whoever measures asks more often than any caller may.
    given = {
        "database_url": database_url,
        "rate_limit_factor": 1_000_000,
        "breach_check_url": "off",
        **chosen,
    }
    return Settings.model_validate(given)
