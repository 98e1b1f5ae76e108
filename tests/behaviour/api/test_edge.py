"""The layer around the API, around applications that misbehave."""

import asyncio
from itertools import count
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient, Response

from quayside.adapters.telemetry.metrics import PrometheusMetrics
from quayside.entrypoints.api.edge import ASGIApp, Edge, Message, Receive, Scope, Send

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}


async def hangs(*_: object) -> None:
    await asyncio.sleep(60)


async def fails(*_: object) -> None:
    raise RuntimeError("sesame")


async def hangs_halfway(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({**START})
    await asyncio.sleep(60)


async def fails_halfway(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({**START})
    raise RuntimeError("sesame")


def edge_of(app: ASGIApp, metrics: PrometheusMetrics | None = None) -> Edge:
    numbers = count(1)
    return Edge(app, lambda: UUID(int=next(numbers)), metrics or PrometheusMetrics(), time_limit_s=0.01)


async def answer_of(edge: Edge) -> Response:
    async with AsyncClient(transport=ASGITransport(edge), base_url="http://shop.test") as client:
        return await client.get("/")


async def messages_of(edge: Edge) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await edge({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)
    return sent


async def test_a_request_beyond_its_time_is_answered_with_timeout() -> None:
    response = await answer_of(edge_of(hangs))

    assert response.status_code == 504
    assert response.json()["error"]["code"] == "timeout"
    assert response.json()["request_id"] == response.headers["x-request-id"]


async def test_a_failure_outside_the_framework_is_answered_like_any_other() -> None:
    response = await answer_of(edge_of(fails))

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
    assert "sesame" not in response.text


@pytest.mark.parametrize("app", [hangs_halfway, fails_halfway])
async def test_half_an_answer_is_not_completed_by_another(app: ASGIApp) -> None:
    messages = await messages_of(edge_of(app))

    assert [message["type"] for message in messages] == ["http.response.start"]


async def test_a_request_that_nobody_waits_for_counts_as_one_whose_client_is_gone() -> None:
    metrics = PrometheusMetrics()
    request = asyncio.create_task(messages_of(edge_of(hangs, metrics)))
    await asyncio.sleep(0)

    request.cancel()

    with pytest.raises(asyncio.CancelledError):
        await request
    assert b'status="499"' in metrics.render()
