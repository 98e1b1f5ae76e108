"""A whole service in memory, driven as its clients do: over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from attrs import frozen
from httpx import ASGITransport, AsyncClient, Response

from quayside.adapters.memory import ManualClock
from quayside.entrypoints.api import create_app
from quayside.entrypoints.composition import Application, composed
from quayside.entrypoints.settings import Settings

from .payments import A_CUSTOMER, APPROVED, NOON

PAYMENTS = "/api/v1/payments"


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


@frozen
class Shop:
    """What a client can do, and what it can find out."""

    application: Application
    client: AsyncClient
    clock: ManualClock

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

    async def payments(self, **parameters: object) -> Response:
        """List payments."""
        return await self.client.get(
            PAYMENTS, params={name: str(value) for name, value in parameters.items()}
        )


@asynccontextmanager
async def open_shop(settings: Settings | None = None) -> AsyncIterator[Shop]:
    """Open a shop at noon; where its gateway is slow, its clock moves on instead."""
    clock = ManualClock(NOON)

    async def pass_time(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    settings = settings or Settings(storage="memory")
    async with (
        composed(settings, clock=clock, sleep=pass_time) as application,
        serving(application) as client,
    ):
        yield Shop(application, client, clock)


@asynccontextmanager
async def serving(application: Application) -> AsyncIterator[AsyncClient]:
    """A client of the API of *application*."""
    transport = ASGITransport(create_app(application))
    async with AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client
