"""Our service as it is, and one composed so that it takes everybody for one and the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID

from attrs import evolve, frozen

from quayside.adapters.resilience import GuardedGateway
from quayside.core.identity import Authenticate, Role, grants_of
from quayside.core.kernel import Money, Principal, UserId
from quayside.core.payments import Authorization, Captured, CardDetails, CardToken, PaymentGateway
from quayside.entrypoints.api import ASGIApp, create_app
from quayside.entrypoints.composition import composed
from quayside.entrypoints.first_admin import make_first_admin
from quayside.entrypoints.settings import Settings

USERNAME, PASSWORD = "root", "Correct-Horse-1"
GATEWAY_S = 0.05

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


@asynccontextmanager
async def with_instant_gateway(database_url: str) -> AsyncIterator[ASGIApp]:
    """The service without authentication, whose gateway keeps no books and answers at once."""
    async with _with_gateway(database_url, _Gateway(seconds=0)) as app:
        yield app


@asynccontextmanager
async def with_slow_gateway(database_url: str) -> AsyncIterator[ASGIApp]:
    """The service without authentication, whose gateway takes 50 ms a call."""
    async with _with_gateway(database_url, _Gateway(seconds=GATEWAY_S)) as app:
        yield app


@asynccontextmanager
async def _with_gateway(database_url: str, gateway: "_Gateway") -> AsyncIterator[ASGIApp]:
    async with composed(_settings(database_url)) as application:
        identity = evolve(application.identity, authenticate=cast("Authenticate", Welcome()))
        payments, guarded = application.payments, cast("GuardedGateway", application.gateway)
        asked = evolve(guarded, gateway=cast("PaymentGateway", gateway))
        payments = evolve(
            payments,
            process_payment=evolve(payments.process_payment, gateway=asked),
            register_card=evolve(payments.register_card, gateway=asked),
        )
        yield create_app(evolve(application, identity=identity, payments=payments))


@frozen
class _Gateway:
    """Does what it is asked, after so many seconds, and remembers nothing."""

    seconds: float

    async def tokenize(self, card: CardDetails, *, is_kept: bool = False) -> CardToken:  # noqa: ARG002
        await self._pass_time()
        return CardToken(f"card_{card.card_number.last4}")

    async def authorize(self, key: str, token: CardToken, amount: Money) -> Authorization:  # noqa: ARG002
        await self._pass_time()
        return Authorization(f"auth_{key}", amount)

    async def capture(self, key: str, authorization_id: str, amount: Money) -> Captured:  # noqa: ARG002
        await self._pass_time()
        return Captured(amount)

    async def _pass_time(self) -> None:
        if self.seconds:
            await asyncio.sleep(self.seconds)


def _settings(database_url: str, **chosen: str) -> Settings:
    # Whoever measures asks more often than any caller may.
    given = {
        "database_url": database_url,
        "rate_limit_factor": 1_000_000,
        "breach_check_url": "off",
        **chosen,
    }
    return Settings.model_validate(given)
