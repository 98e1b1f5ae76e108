"""Which routes take idempotency keys, and what one has to be to take them."""

from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from builders.shop import Shop
from quayside.entrypoints.api.access import ANYONE, LOGGED_IN
from quayside.entrypoints.api.exact_json import read_json_object
from quayside.entrypoints.api.idempotency import (
    IdempotencyPlugin,
    MisdeclaredIdempotencyError,
    operation_id,
)
from quayside.entrypoints.api.idempotency_keys import KeyedRequest, canonical
from quayside.entrypoints.api.models import RequestModel

_MAKING_SOMETHING = {"201", "202", "207"}


async def test_every_post_outside_auth_that_makes_anything_takes_a_key(shop: Shop) -> None:
    paths: dict[str, Any] = (await shop.client.get("/schema/openapi.json")).json()["paths"]
    making = [
        path["post"]
        for address, path in paths.items()
        if "post" in path
        and not address.startswith("/api/v1/auth/")
        and _MAKING_SOMETHING & path["post"]["responses"].keys()
    ]

    assert making
    for operation in making:
        headers = {each["name"]: each for each in operation["parameters"] if each["in"] == "header"}
        assert not headers["Idempotency-Key"]["required"]
        assert headers["Idempotency-Key"]["description"]
        assert {"409", "422"} <= operation["responses"].keys()


async def test_a_body_that_takes_a_key_says_so(shop: Shop) -> None:
    schemas = (await shop.client.get("/schema/openapi.json")).json()["components"]["schemas"]

    assert "idempotency_key" in schemas["CreatePaymentRequest"]["properties"]


class Keyless(RequestModel):
    """A body with no place for a key."""


@post("/", access=LOGGED_IN, idempotent=True)
async def without_a_place_for_the_key(
    data: JSONBody[Keyless], operation_id: NamedDependency[UUID]
) -> None: ...


@post("/", access=LOGGED_IN, idempotent=True)
async def without_a_body(operation_id: NamedDependency[UUID]) -> None: ...


@post("/", access=LOGGED_IN, idempotent=True)
async def without_an_operation(data: JSONBody[KeyedRequest]) -> None: ...


@post("/", access=ANYONE, idempotent=True)
async def without_a_caller(data: JSONBody[KeyedRequest], operation_id: NamedDependency[UUID]) -> None: ...


@pytest.mark.parametrize(
    "handler", [without_a_place_for_the_key, without_a_body, without_an_operation, without_a_caller]
)
def test_a_route_that_cannot_hold_to_what_it_declares_is_not_registered(handler: Any) -> None:
    given = {"operation_id": Provide(operation_id, sync_to_thread=False)}

    with pytest.raises(MisdeclaredIdempotencyError):
        Litestar([handler], dependencies=given, plugins=[IdempotencyPlugin()], openapi_config=None)


def canon(body: str) -> bytes:
    return canonical(read_json_object(body.encode()).members)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1, "b": {"c": [], "d": 2}}', '{ "b":{"d":2,"c":[ ]},"a":1.00 }'),
        ('{"a": "\\u00e9"}', '{"a": "e\\u0301"}'),
        ('{"a": 100}', '{"a": 1e2}'),
        ('{"a": 0.1}', '{"a": 0.10, "idempotency_key": "k"}'),
        ('{"a": [{"cvv": "123", "b": 1}]}', '{"a": [{"cvv": "456", "b": 1}]}'),
    ],
)
def test_two_ways_to_write_the_same_are_the_same(one: str, other: str) -> None:
    assert canon(one) == canon(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1}', '{"a": "1"}'),
        ('{"a": 1}', '{"a": true}'),
        ('{"a": null}', "{}"),
        ('{"a": [1, 2]}', '{"a": [2, 1]}'),
        ('{"a": 0.1234567890123456789012345678901}', '{"a": 0.1234567890123456789012345678902}'),
        ('{"a": {"idempotency_key": "k"}}', '{"a": {"idempotency_key": "l"}}'),
    ],
)
def test_what_differs_is_not_the_same(one: str, other: str) -> None:
    assert canon(one) != canon(other)
