"""Who may read an answer from a page of another origin."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from builders.shop import PAYMENTS, Shop, a_payment_body, open_shop, settings_of_a_shop
from quayside.adapters.telemetry.metrics import PrometheusMetrics
from quayside.entrypoints.api.edge import Edge

OURS = "https://till.example"
PREFLIGHT = {"origin": OURS, "access-control-request-method": "POST"}
ANYWHERE = ("/health/live", PAYMENTS, "/nowhere", "/schema/nowhere")


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """A shop that a till at another origin belongs to."""
    async with open_shop(settings_of_a_shop(allowed_origins=["https://till.example:443/"])) as shop:
        yield shop


@pytest.mark.parametrize("path", ANYWHERE)
async def test_a_page_of_an_allowed_origin_may_read_every_answer(shop: Shop, path: str) -> None:
    for client in (shop.client, shop.visitor()):
        response = await client.get(path, headers={"origin": OURS})

        assert response.headers["access-control-allow-origin"] == OURS
        assert response.headers["access-control-allow-credentials"] == "true"
        assert "Origin" in response.headers["vary"].split(", ")


async def test_it_may_read_the_headers_that_clients_need(shop: Shop) -> None:
    response = await shop.client.post(PAYMENTS, json=a_payment_body(), headers={"origin": OURS})

    assert set(response.headers["access-control-expose-headers"].split(", ")) == {
        "X-Request-ID",
        "ETag",
        "Location",
        "RateLimit-Limit",
        "RateLimit-Remaining",
        "RateLimit-Reset",
        "Retry-After",
        "Idempotent-Replayed",
        "X-Read-Model-Position",
    }


async def test_a_browser_may_ask_ahead_without_credentials(shop: Shop) -> None:
    response = await shop.visitor().options(PAYMENTS, headers=PREFLIGHT)

    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == OURS
    assert response.headers["access-control-allow-credentials"] == "true"
    assert "PATCH" in response.headers["access-control-allow-methods"].split(", ")
    assert "Idempotency-Key" in response.headers["access-control-allow-headers"].split(", ")
    assert int(response.headers["access-control-max-age"]) > 0


async def test_a_refusal_of_the_outer_layer_may_be_read_too(shop: Shop) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.sleep(60)

    edge = Edge(hangs, shop.application.new_id, PrometheusMetrics(), time_limit_s=0.01, readers={OURS})
    async with AsyncClient(transport=ASGITransport(edge), base_url="http://shop.test") as client:
        response = await client.get("/", headers={"origin": OURS})

    assert response.status_code == 504
    assert response.headers["access-control-allow-origin"] == OURS
    assert response.headers["vary"] == "Accept, Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://till.example",
        "https://till.example:8443",
        "https://till.example.evil.example",
        "HTTPS://TILL.EXAMPLE",
        "null",
        "*",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_a_page_of_any_other_origin_may_not(shop: Shop, method: str, origin: str) -> None:
    headers = {**PREFLIGHT, "origin": origin}

    response = await shop.client.request(method, PAYMENTS, headers=headers)

    assert not [name for name in response.headers if name.startswith("access-control-")]
    assert "Origin" in response.headers["vary"]


async def test_who_sends_two_origins_is_of_neither(shop: Shop) -> None:
    response = await shop.client.get(PAYMENTS, headers=[("origin", OURS), ("origin", OURS)])

    assert "access-control-allow-origin" not in response.headers


async def test_without_configured_origins_no_answer_depends_on_one() -> None:
    async with open_shop() as shop:
        response = await shop.client.get(PAYMENTS, headers={"origin": OURS})

    assert "vary" not in response.headers
    assert not [name for name in response.headers if name.startswith("access-control-")]
