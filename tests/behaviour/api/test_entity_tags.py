"""``ETag``, ``If-None-Match`` and ``If-Match``."""

import asyncio
from typing import Any

import pytest
from attrs import frozen
from httpx import AsyncClient, Response
from litestar import Litestar, delete, get
from litestar import Response as PlainResponse

from builders.members import PASSWORD, V1
from builders.payments import ANSWER_LOST
from builders.shop import PAYMENTS, Shop
from quayside.core.identity import Role
from quayside.entrypoints.api.identity_answers import UserResponse
from quayside.entrypoints.api.resources import ResourcePlugin, UnconditionalError

ME = f"{V1}/auth/me"
CHANGES = ("patch", "put", "delete")


def a_change(email: str = "countess@example.com") -> dict[str, str]:
    return {"email": email, "current_password": PASSWORD}


async def changed(shop: Shop, tag: str, email: str = "countess@example.com") -> Response:
    """Change Ada's address on condition."""
    return await shop.client.patch(shop.ada.path, json=a_change(email), headers={"if-match": tag})


async def tag_of(client: AsyncClient, path: str) -> str:
    tag: str = (await client.get(path)).headers["etag"]
    return tag


def assert_stale(response: Response) -> None:
    assert response.status_code == 412, response.text
    assert response.json()["error"]["code"] == "precondition_failed"


async def test_what_shows_one_thing_carries_its_version_as_a_strong_tag(shop: Shop) -> None:
    admin = await shop.member(Role.ADMIN)
    registration = {"username": "grace", "email": "grace@example.com", "password": PASSWORD}
    taken = await shop.pay()

    answers = [
        taken,
        await shop.pay(ANSWER_LOST),
        await shop.client.get(taken.headers["location"]),
        await shop.client.get(ME),
        await shop.client.get(shop.ada.path),
        await shop.client.head(shop.ada.path),
        await shop.client.patch(shop.ada.path, json=a_change()),
        await shop.visitor().post(f"{V1}/auth/register", json=registration),
        await admin.client.put(f"{shop.ada.path}/roles", json={"roles": ["Staff"]}),
    ]

    assert [answer.status_code for answer in answers] == [201, 202, 200, 200, 200, 200, 200, 201, 200]
    for answer in answers:
        version = answer.json()["version"] if answer.content else 1
        if answer.request.method != "HEAD":
            assert answer.headers["etag"] == f'"{version}"'
    assert answers[5].headers["etag"] == answers[4].headers["etag"]


async def test_lists_and_errors_have_no_tag(shop: Shop) -> None:
    answers = [await shop.payments(), await shop.client.get(f"{PAYMENTS}/7")]

    assert all("etag" not in answer.headers for answer in answers)


async def test_a_tag_changes_with_the_thing(shop: Shop) -> None:
    before = await tag_of(shop.client, ME)

    answer = await changed(shop, "*")

    assert before != answer.headers["etag"] == await tag_of(shop.client, ME)


@pytest.mark.parametrize("sent", ["{}", "W/{}", '"x", {}', '"a,b" ,{} , "c"', "*", ", {},"])
async def test_what_the_caller_has_is_not_sent_again(shop: Shop, sent: str) -> None:
    path = f"{PAYMENTS}/{(await shop.has_taken())['id']}"
    whole = await shop.client.get(path)
    headers = {"if-none-match": sent.format(whole.headers["etag"])}

    answers = [await shop.client.get(path, headers=headers), await shop.client.head(path, headers=headers)]

    for answer in answers:
        assert answer.status_code == 304
        assert answer.content == b""
        assert "content-type" not in answer.headers
        assert answer.headers["etag"] == whole.headers["etag"]
        assert answer.headers["cache-control"] == whole.headers["cache-control"]
        assert answer.headers["x-request-id"]


@pytest.mark.parametrize("sent", ["", '"0"', '"99"', '"x', "3", '"3" "x"', "**", '"x", *'])
async def test_what_the_caller_has_not_is_sent(shop: Shop, sent: str) -> None:
    path = f"{PAYMENTS}/{(await shop.has_taken())['id']}"

    answer = await shop.client.get(path, headers={"if-none-match": sent})

    assert answer.status_code == 200
    assert answer.json()["id"]


async def test_what_a_caller_may_not_see_is_not_found_whatever_it_claims_to_have(shop: Shop) -> None:
    payment = await shop.has_taken()
    stranger = await shop.member()

    answer = await stranger.client.get(f"{PAYMENTS}/{payment['id']}", headers={"if-none-match": "*"})

    assert answer.status_code == 404


@pytest.mark.parametrize("sent", ["{}", '"x", {}', '{} , "99"', "*", " * "])
async def test_a_change_is_made_if_the_tag_is_still_right(shop: Shop, sent: str) -> None:
    response = await changed(shop, sent.format(await tag_of(shop.client, ME)))

    assert response.status_code == 200
    assert response.json()["email"] == "countess@example.com"


@pytest.mark.parametrize("sent", ['"99"', "W/{}", "", "{} x", '*, "99"', '"99", "98"', "0", '"x'])
async def test_a_change_is_refused_if_the_tag_is_another_or_none(shop: Shop, sent: str) -> None:
    before = await shop.client.get(ME)

    response = await changed(shop, sent.format(before.headers["etag"]))

    assert_stale(response)
    assert (await shop.client.get(ME)).json() == before.json()


async def test_a_tag_without_its_quotes_is_none(shop: Shop) -> None:
    assert_stale(await changed(shop, (await tag_of(shop.client, ME)).strip('"')))


async def test_tags_may_come_in_several_lines(shop: Shop) -> None:
    headers = [("if-match", '"99"'), ("if-match", await tag_of(shop.client, ME))]

    response = await shop.client.patch(shop.ada.path, json=a_change(), headers=headers)

    assert response.status_code == 200


async def test_a_tag_is_good_for_one_change(shop: Shop) -> None:
    tag = await tag_of(shop.client, ME)

    assert (await changed(shop, tag)).status_code == 200
    assert_stale(await changed(shop, tag, "lovelace@example.com"))


async def test_of_changes_that_race_on_one_tag_one_is_made(shop: Shop) -> None:
    admin = await shop.member(Role.ADMIN)
    headers = {"if-match": await tag_of(shop.client, ME)}

    answers = await asyncio.gather(
        *(
            admin.client.patch(shop.ada.path, json={"email": f"ada{n}@example.com"}, headers=headers)
            for n in range(5)
        ),
        *(
            admin.client.put(f"{shop.ada.path}/roles", json={"roles": ["Staff"]}, headers=headers)
            for _ in range(5)
        ),
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 9]


async def test_who_is_overtaken_after_the_tag_was_found_right_is_told_so(shop: Shop) -> None:
    # Both read the account before either password has been hashed, and save it after.
    conditional = await tag_of(shop.client, ME)

    answers = await asyncio.gather(*(changed(shop, conditional, f"ada{n}@example.com") for n in range(2)))
    unconditional = await asyncio.gather(
        *(shop.client.patch(shop.ada.path, json=a_change(f"byron{n}@example.com")) for n in range(2))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert sorted(answer.status_code for answer in unconditional) == [200, 409]


async def test_roles_are_set_on_condition(shop: Shop) -> None:
    admin = await shop.member(Role.ADMIN)
    path, body = f"{shop.ada.path}/roles", {"roles": ["Staff"]}

    assert_stale(await admin.client.put(path, json=body, headers={"if-match": '"99"'}))
    tag = await tag_of(shop.client, ME)
    assert (await admin.client.put(path, json=body, headers={"if-match": tag})).status_code == 200
    assert_stale(await admin.client.put(path, json=body, headers={"if-match": tag}))


async def test_an_account_is_deleted_on_condition(shop: Shop) -> None:
    assert_stale(await shop.client.delete(shop.ada.path, headers={"if-match": '"99"'}))

    tag = await tag_of(shop.client, ME)

    assert (await shop.client.delete(shop.ada.path, headers={"if-match": tag})).status_code == 204


async def test_a_session_is_ended_on_condition(shop: Shop) -> None:
    session_id = (await shop.client.get(f"{V1}/auth/sessions")).json()["data"][0]["id"]
    path = f"{V1}/auth/sessions/{session_id}"

    assert_stale(await shop.client.delete(path, headers={"if-match": '"99"'}))
    assert (await shop.client.delete(path, headers={"if-match": "*"})).status_code == 204


async def test_whatever_else_is_wrong_is_told_before_a_stale_tag(shop: Shop) -> None:
    stale = {"if-match": '"99"'}
    stranger = await shop.member()

    answers = [
        await shop.visitor().patch(shop.ada.path, json=a_change(), headers=stale),
        await stranger.client.patch(shop.ada.path, json=a_change(), headers=stale),
        await shop.client.patch(shop.ada.path, json={"email": 7}, headers=stale),
        await shop.client.patch(shop.ada.path, json=a_change() | {"current_password": "x"}, headers=stale),
        await shop.client.put(f"{shop.ada.path}/roles", json={"roles": []}, headers=stale),
        await shop.client.delete(f"{V1}/users/01900000-0000-7000-8000-000000000404", headers=stale),
    ]

    assert [answer.status_code for answer in answers] == [401, 404, 400, 401, 403, 404]


@frozen
class Described:
    """An operation of the API's description."""

    path: str
    method: str
    operation: dict[str, Any]

    @property
    def takes(self) -> set[str]:
        return {parameter["name"] for parameter in self.operation.get("parameters", ())}


def described(document: dict[str, Any]) -> list[Described]:
    return [
        Described(path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


async def test_every_operation_that_shows_one_thing_promises_its_tag(shop: Shop) -> None:
    document = (await shop.client.get("/schema/openapi.json")).json()
    single = {
        f"#/components/schemas/{name}"
        for name, schema in document["components"]["schemas"].items()
        if {"id", "version"} <= schema.get("properties", {}).keys()
    }

    shown = 0
    for each in described(document):
        for status, answer in each.operation["responses"].items():
            content = answer.get("content", {}).get("application/json", {})
            if content.get("schema", {}).get("$ref") not in single or status == "202":
                continue
            shown += 1
            assert answer["headers"]["ETag"]["schema"] == {"type": "string"}
            if each.method == "get":
                assert "If-None-Match" in each.takes
                assert "304" in each.operation["responses"]
    assert shown >= 6


async def test_every_operation_that_changes_one_thing_takes_its_tag(shop: Shop) -> None:
    document = (await shop.client.get("/schema/openapi.json")).json()

    changing = [each for each in described(document) if each.method in CHANGES and "{" in each.path]

    assert len(changing) >= 4
    for each in changing:
        assert "If-Match" in each.takes
        assert {"409", "412"} <= each.operation["responses"].keys()


def test_a_route_that_changes_one_thing_whatever_its_tag_is_refused() -> None:
    @delete("/things/{thing_id:uuid}")
    async def delete_thing() -> None: ...

    with pytest.raises(UnconditionalError, match="expects"):
        Litestar([delete_thing], plugins=[ResourcePlugin()])


def test_a_route_that_shows_one_thing_without_its_tag_is_refused() -> None:
    @get("/things/1")
    async def show_thing() -> PlainResponse[UserResponse]:
        raise NotImplementedError

    with pytest.raises(UnconditionalError, match="ApiResponse"):
        Litestar([show_thing], plugins=[ResourcePlugin()])
