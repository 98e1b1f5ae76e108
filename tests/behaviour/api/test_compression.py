"""Which answers are compressed, and which must not be."""

import gzip
from collections.abc import Mapping
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from builders.shop import PAYMENTS, Shop
from quayside.entrypoints.api.compression import Compression
from quayside.entrypoints.api.edge import ASGIApp, Receive, Scope, Send

LONG = b'{"a": "' + b"abc " * 1_000 + b'"}'
GZIP = {"accept-encoding": "gzip"}


def answering(
    body: bytes = LONG, content_type: str = "application/json", route: str = "/", **headers: str
) -> ASGIApp:
    sent = {"content-type": content_type, "content-length": str(len(body)), **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()]

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["path_template"] = route
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return app


async def answer_of(app: ASGIApp, headers: Mapping[str, str] = GZIP) -> Response:
    client = AsyncClient(transport=ASGITransport(Compression(app)), base_url="http://shop.test")
    async with client, client.stream("GET", "/", headers=headers) as response:
        raw = b"".join([chunk async for chunk in response.aiter_raw()])
    return Response(
        200, headers=response.headers, stream=None, request=response.request, extensions={"raw": raw}
    )


def body_of(response: Response) -> bytes:
    raw: bytes = response.extensions["raw"]
    return raw


async def test_a_long_answer_is_compressed_for_who_asks() -> None:
    response = await answer_of(answering())

    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["content-length"] == str(len(body_of(response)))
    assert gzip.decompress(body_of(response)) == LONG


@pytest.mark.parametrize("asked", ["GZip;q=0.2", "*", "br, gzip", "gzip, identity", "identity;q=0.5, gzip"])
async def test_it_is_asked_for_as_weights_are(asked: str) -> None:
    response = await answer_of(answering(), headers={"accept-encoding": asked})

    assert response.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("asked", ["", "br", "gzip;q=0", "*, gzip;q=0", "identity, gzip;q=0.5", "gzip;q=x"])
async def test_for_others_it_is_sent_as_it_is_and_caches_are_told(asked: str) -> None:
    response = await answer_of(answering(), headers={"accept-encoding": asked})

    assert "content-encoding" not in response.headers
    assert response.headers["vary"] == "Accept-Encoding"
    assert body_of(response) == LONG


@pytest.mark.parametrize(
    "app",
    [
        answering(b"short"),
        answering(content_type="image/png"),
        answering(content_encoding="br"),
        answering(etag='"3"'),
    ],
    ids=["short", "an image", "compressed already", "a tag that stands for these bytes"],
)
async def test_what_would_not_gain_or_must_not_change_is_sent_as_it_is(app: ASGIApp) -> None:
    response = await answer_of(app)

    assert response.headers.get("content-encoding") != "gzip"
    assert "vary" not in response.headers


async def test_an_answer_in_pieces_is_sent_as_it_comes() -> None:
    async def in_pieces(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]}
        )
        await send({"type": "http.response.body", "body": LONG, "more_body": True})
        await send({"type": "http.response.body", "body": LONG})

    response = await answer_of(in_pieces)

    assert body_of(response) == LONG + LONG


async def test_a_list_is_compressed(shop: Shop) -> None:
    await shop.has_taken(description="a" * 500)
    await shop.has_taken(description="b" * 500)

    response = await shop.client.get(PAYMENTS, headers=GZIP)

    assert response.headers["content-encoding"] == "gzip"
    assert len(response.json()["data"]) == 2


async def test_an_error_is_compressed_like_any_answer(shop: Shop) -> None:
    response = await shop.client.post(PAYMENTS, json={f"unknown_{i}": 1 for i in range(50)}, headers=GZIP)

    assert response.status_code == 400
    assert response.headers["content-encoding"] == "gzip"
    assert set(response.headers["vary"].split(", ")) == {"Accept", "Accept-Encoding"}


async def test_head_tells_what_get_would_send(shop: Shop) -> None:
    get = await shop.client.get("/schema/openapi.json", headers=GZIP)

    head = await shop.client.head("/schema/openapi.json", headers=GZIP)

    assert head.headers["content-encoding"] == "gzip"
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_no_answer_with_a_token_is_compressed(shop: Shop) -> None:
    document = (await shop.client.get("/schema/openapi.json")).json()

    paths = {
        path
        for path, item in document["paths"].items()
        for it in item.values()
        if shows_a_token(it, document)
    }

    assert paths == {"/api/v1/auth/login", "/api/v1/auth/token"}
    for path in paths:
        response = await answer_of(answering(route=path))
        assert "content-encoding" not in response.headers


def shows_a_token(operation: dict[str, Any], document: dict[str, Any]) -> bool:
    contents = [answer.get("content", {}).values() for answer in operation["responses"].values()]
    schemas = [content["schema"].get("$ref", "").rpartition("/")[2] for each in contents for content in each]
    named = [document["components"]["schemas"].get(name, {}) for name in schemas]
    return any("token" in field for schema in named for field in schema.get("properties", ()))
