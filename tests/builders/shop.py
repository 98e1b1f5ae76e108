"""A whole service in memory, driven as its clients do: over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

from attrs import Factory, frozen
from httpx import AsyncClient, Response
from litestar import Litestar
from pydantic import SecretStr

from disclosure import typed
from quayside.adapters.memory import ManualClock, MemoryMailer
from quayside.adapters.security.argon2 import Argon2PasswordHasher
from quayside.core.catalogue import Product, ProductRequest
from quayside.core.identity import Role
from quayside.entrypoints.api import create_app, routing_of
from quayside.entrypoints.api.access import REQUESTS_OF_CALLER
from quayside.entrypoints.api.credentials import SessionCookie
from quayside.entrypoints.api.edge import ASGIApp
from quayside.entrypoints.composition import Application, composed
from quayside.entrypoints.settings import Settings

from .events import show_events
from .members import V1, Member, a_login, client_of
from .payments import A_CUSTOMER, APPROVED, NOON

PAYMENTS = f"{V1}/payments"
A_SKU = "TEAPOT-1"
PUBLIC_URL = "https://shop.example"


def a_card_body(number: str = APPROVED, **changes: Any) -> dict[str, Any]:
    """A card that is valid at `NOON`, as JSON."""
    card = {
        "card_number": number,
        "expiry_month": 12,
        "expiry_year": 2030,
        "cvv": "123",
        "cardholder_name": "Ada Lovelace",
    }
    return card | changes


def a_payment_body(**changes: Any) -> dict[str, Any]:
    """A payment of 19.99 GBP by a card that approves, as JSON."""
    body: dict[str, Any] = {
        "amount": "19.99",
        "currency": "GBP",
        "card_id": "my-visa",
        "customer_id": str(A_CUSTOMER),
        "address_details": {
            "house_number": "12",
            "address_line1": "St James's Square",
            "city": "London",
            "postcode": "SW1Y 4JH",
        },
        "paying_card_details": a_card_body(),
    }
    return body | changes


def settings_of_a_shop(**changes: Any) -> Settings:
    """Everything in memory, and passwords hashed as cheaply as can be."""
    values: dict[str, Any] = {
        "storage": "memory",
        "public_url": PUBLIC_URL,
        "argon2_memory_kib": 8,
        "argon2_time_cost": 1,
        "jwt_secret": "not secret at all, but long enough",
        "breach_check_url": None,
    }
    return Settings(**values | changes)


_usual_settings = cache(settings_of_a_shop)  # to read them takes as long as much of the rest


@cache
def _hasher() -> Argon2PasswordHasher:
    """One for all shops, because to start and end its thread takes as long as to open a shop."""
    return Argon2PasswordHasher(memory_kib=8, threads=1)


@frozen(repr=False)
class Shop:
    """
    What its clients can do, and what can be found out.

    Args:
        ada: A customer, who has logged in.
    """

    application: Application
    app: ASGIApp
    clock: ManualClock
    mailer: MemoryMailer
    ada: Member
    _serial: "count[int]" = Factory(lambda: count(1))

    @property
    def client(self) -> AsyncClient:
        """Ada's."""
        return self.ada.client

    def visitor(self, token: str | None = None, **where: str) -> AsyncClient:
        """A client program of its own: somebody's whom nobody knows, or that shows *token*."""
        return client_of(self.app, token, **where)

    async def member(self, *roles: Role) -> Member:
        """Somebody new, who has logged in."""
        login = await a_login(self.application.identity, f"member_{next(self._serial)}", *roles)
        return Member(login, client_of(self.app, login.token.reveal()))

    async def sells(self, sku: str = A_SKU, **facts: Any) -> Product:
        """A product in the catalogue: 19.99 GBP, unless *facts* say otherwise."""
        values: dict[str, Any] = {"name": f"A {sku}", "price": "19.99", "currency": "GBP"}
        return await self.application.catalogue.add_product(ProductRequest(sku=sku, **values | facts))

    async def pay(self, card: str = APPROVED, **changes: Any) -> Response:
        """Ask for a payment."""
        body = a_payment_body(paying_card_details=a_card_body(card)) | changes
        return await self.client.post(PAYMENTS, json=body)

    async def pay_with(self, body: bytes | str, **headers: str) -> Response:
        """Ask for a payment in one's own words."""
        headers = {"content-type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return await self.client.post(PAYMENTS, content=body, headers=headers)

    async def has_taken(self, amount: str = "19.99", **changes: Any) -> dict[str, Any]:
        """A payment that was taken."""
        response = await self.pay(amount=amount, **changes)
        assert response.status_code == 201, response.text
        payment: dict[str, Any] = response.json()
        return payment

    async def has_asked(self, times: int) -> None:
        """Have Ada's requests in this minute counted as so many more."""
        for _ in range(times):
            await self.application.request_limiter.hit(REQUESTS_OF_CALLER, f"user:{self.ada.user.id}")

    async def payments(self, **parameters: object) -> Response:
        """List payments."""
        return await self.client.get(
            PAYMENTS, params={name: str(value) for name, value in parameters.items()}
        )

    async def story(self) -> list[str]:
        """The names of all events, in order."""
        recorded = await self.application.storage.events.read_all()
        return [each.event.type_name() for each in recorded]


@asynccontextmanager
async def an_application(settings: Settings, **replaced: Any) -> AsyncIterator[Application]:
    """Put an application together whose secrets are known, and whose events are looked at."""
    typed(*(value.get_secret_value() for value in vars(settings).values() if isinstance(value, SecretStr)))
    async with composed(settings, **replaced) as application:
        yield application
        show_events(await application.storage.events.read_all(limit=10_000))


@asynccontextmanager
async def open_shop(
    settings: Settings | None = None, *, sleep: Callable[[float], Awaitable[object]] | None = None
) -> AsyncIterator[Shop]:
    """Open a shop at noon; where its gateway is slow, its clock moves on instead, unless *sleep* says otherwise."""
    clock, mailer = ManualClock(NOON), MemoryMailer()

    async def pass_time(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    settings = settings or _usual_settings()
    async with an_application(
        settings,
        clock=clock,
        monotonic=lambda: clock().timestamp(),
        sleep=sleep or pass_time,
        mailer=mailer,
        hasher=_hasher(),
    ) as application:
        app = create_app(application, _routing(is_secure=settings.environment != "development"))
        login = await a_login(application.identity, "ada")
        yield Shop(application, app, clock, mailer, Member(login, client_of(app, login.token.reveal())))


def serving(application: Application, token: str | None = None) -> AsyncClient:
    """A client of an API of its own for *application*."""
    return client_of(create_app(application, _routing(is_secure=False)), token)


@cache
def _routing(*, is_secure: bool) -> Litestar:
    # Made once, because it takes longer than most tests do.
    return routing_of(SessionCookie(is_secure=is_secure))
