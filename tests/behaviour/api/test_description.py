"""/schema: what the API says of itself."""

import json
from html import unescape
from typing import Any

import pytest

from builders.shop import PAYMENTS, Shop


@pytest.fixture
async def document(shop: Shop) -> dict[str, Any]:
    document: dict[str, Any] = (await shop.client.get("/schema/openapi.json")).json()
    return document


async def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")


async def test_it_says_how_callers_show_who_they_are(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")
    assert (schemes["cookie"]["type"], schemes["cookie"]["in"]) == ("apiKey", "cookie")
    assert schemes["cookie"]["name"] == "session-token"
    for path in document["paths"].values():
        for operation in path.values():
            asked = {name for requirement in operation.get("security", ()) for name in requirement}
            assert asked in (set(), {"bearer", "cookie"})
            assert ("401" in operation["responses"]) >= bool(asked)


async def test_the_payment_of_the_example_is_taken(shop: Shop, document: dict[str, Any]) -> None:
    content = document["paths"][PAYMENTS]["post"]["requestBody"]["content"]["application/json"]

    response = await shop.client.post(PAYMENTS, json=content["example"])

    assert response.status_code == 201


async def test_the_page_shows_every_operation_and_schema(shop: Shop, document: dict[str, Any]) -> None:
    response = await shop.client.get("/schema")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    for path, item in document["paths"].items():
        for method, operation in item.items():
            line = f'<b class="{method}">{method.upper()}</b> <code>{path}</code>'
            assert f'<details id="{operation["operationId"]}"><summary>{line}' in response.text
    for name in document["components"]["schemas"]:
        assert f'<h3 id="{name}">' in response.text


async def test_the_page_shows_examples_of_bodies_and_answers(shop: Shop, document: dict[str, Any]) -> None:
    page = unescape((await shop.client.get("/schema")).text)

    payment = document["paths"][PAYMENTS]["post"]
    for shown in (payment["requestBody"], payment["responses"]["201"]):
        example = shown["content"]["application/json"]["example"]
        assert f"<pre>{json.dumps(example, indent=2)}</pre>" in page


async def test_the_page_sets_names_apart_and_leaves_no_marks(shop: Shop) -> None:
    page = (await shop.client.get("/schema")).text

    assert "`" not in page
    assert "<code>payments:read_all</code>" in page


async def test_the_page_tells_who_may_call(shop: Shop) -> None:
    page = (await shop.client.get("/schema")).text

    assert "<p>Anyone may call it.</p>" in page
    assert "<p>Takes a login.</p>" in page
    assert "<p>Takes a login that allows <code>payments:create</code>.</p>" in page


async def test_the_page_needs_no_script_and_nothing_from_elsewhere(shop: Shop) -> None:
    page = (await shop.client.get("/schema")).text

    assert "<script" not in page
    assert "//" not in page


async def test_a_page_that_is_not_there_is_refused_like_any_other(shop: Shop) -> None:
    response = await shop.client.get("/schema/swagger")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
