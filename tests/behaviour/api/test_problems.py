"""Errors as application/problem+json (RFC 9457), for those who would rather have that."""

import asyncio
import importlib
import pkgutil
from collections.abc import Iterator
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient

import quayside.adapters
import quayside.core
import quayside.entrypoints.api
from builders.payments import DECLINED
from builders.shop import PAYMENTS, Shop, a_card_body, a_payment_body
from quayside.adapters.telemetry.metrics import PrometheusMetrics
from quayside.core.kernel import QuaysideError
from quayside.entrypoints.api.edge import Edge
from quayside.entrypoints.api.errors import ErrorBody
from quayside.entrypoints.api.problem_details import ProblemDetails
from quayside.entrypoints.api.problem_types import PROBLEM_TYPES

PROBLEM = {"accept": "application/problem+json"}

BEFORE_ANYTHING_IS_SERVED = {
    "embedded_postgres_unavailable",
    "invalid_field_key",
    "invalid_jwt_key",
    "missing_extra",
}


@pytest.mark.parametrize(
    "accept",
    [
        "application/problem+json",
        "Application/Problem+JSON; charset=utf-8",
        "application/problem+json, application/json;q=0.9",
        "application/json;q=0.5, */*;q=0.8",
        "application/*, application/json;q=0",
        "text/html, application/problem+json;q=0.001",
    ],
)
async def test_who_prefers_problems_gets_them(shop: Shop, accept: str) -> None:
    response = await shop.client.get("/nowhere", headers={"accept": accept})

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["vary"] == "Accept"
    assert response.json() == {
        "type": "/problems/not_found",
        "title": PROBLEM_TYPES["not_found"].title,
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": response.headers["x-request-id"],
    }


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "text/html",
        "application/json",
        "application/problem+json, application/json",
        "application/problem+json, */*",
        "application/problem+json;q=0.5, application/json;q=0.5",
        "application/problem+json;q=0",
        "application/problem+json;q=2",
        "application/problem+json;q=nan",
        ";;,=,",
    ],
)
async def test_who_does_not_gets_our_own_json(shop: Shop, accept: str) -> None:
    response = await shop.client.get("/nowhere", headers={"accept": accept})

    assert response.headers["content-type"] == "application/json"
    assert response.headers["vary"] == "Accept"
    assert response.json()["error"]["code"] == "not_found"


async def test_several_accept_headers_count_as_one(shop: Shop) -> None:
    headers = [("accept", "application/json;q=0.1"), ("accept", "application/problem+json;q=0.2")]

    response = await shop.client.get("/nowhere", headers=headers)

    assert response.headers["content-type"] == "application/problem+json"


async def test_a_problem_lists_every_failing_field(shop: Shop) -> None:
    response = await shop.client.post(
        PAYMENTS, json=a_payment_body(amount="0", capture="yes"), headers=PROBLEM
    )

    assert response.json()["type"] == "/problems/validation_failed"
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [
        ("amount", "out_of_range"),
        ("capture", "wrong_type"),
    ]


async def test_extras_are_members_of_a_problem(shop: Shop) -> None:
    body = a_payment_body(paying_card_details=a_card_body(DECLINED))

    response = await shop.client.post(PAYMENTS, json=body, headers=PROBLEM)

    problem = response.json()
    assert (problem["type"], problem["status"]) == ("/problems/card_declined", 402)
    assert problem["decline_code"]
    assert UUID(problem["payment_id"]).version == 7


async def test_a_refusal_of_the_outer_layer_is_a_problem_too(shop: Shop) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.sleep(60)

    edge = Edge(hangs, shop.application.new_id, PrometheusMetrics(), time_limit_s=0.01)
    async with AsyncClient(transport=ASGITransport(edge), base_url="http://shop.test") as client:
        response = await client.get("/", headers=PROBLEM)

    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "/problems/timeout"
    assert response.json()["instance"] == response.headers["x-request-id"]


async def test_a_problem_keeps_the_headers_of_its_status(shop: Shop) -> None:
    response = await shop.visitor().get(PAYMENTS, headers=PROBLEM)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_type_of_a_problem_leads_to_a_text(shop: Shop) -> None:
    problem = (await shop.client.get("/nowhere", headers=PROBLEM)).json()

    response = await shop.visitor().get(problem["type"])

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert problem["title"] in response.text


async def test_a_type_that_there_is_none_of_is_not_found(shop: Shop) -> None:
    response = await shop.visitor().get("/problems/nonsense")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def kinds_of(error: type[QuaysideError]) -> Iterator[type[QuaysideError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def test_every_code_that_can_be_answered_is_described() -> None:
    served = (quayside.core, quayside.adapters, quayside.entrypoints.api)
    for package in served:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    names = tuple(f"{package.__name__}." for package in served)

    codes = {kind.code for kind in kinds_of(QuaysideError) if kind.__module__.startswith(names)}

    assert codes - BEFORE_ANYTHING_IS_SERVED - PROBLEM_TYPES.keys() == set()


@pytest.mark.parametrize("code", PROBLEM_TYPES)
def test_a_description_says_something(code: str) -> None:
    assert PROBLEM_TYPES[code].title
    assert PROBLEM_TYPES[code].text.endswith(".")


def test_whatever_an_error_can_say_a_problem_can_say_too() -> None:
    elsewhere = {"code", "message", "field_errors"}

    assert set(ErrorBody.__struct_fields__) - elsewhere <= set(ProblemDetails.__struct_fields__)
