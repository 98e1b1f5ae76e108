"""How a caller shows who it is."""

import pytest
from httpx import Response

from builders.members import V1
from builders.shop import Shop

ME = f"{V1}/auth/me"


def refusal(response: Response) -> str:
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    code: str = response.json()["error"]["code"]
    return code


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_session_token_and_an_access_token_are_bearer_tokens(shop: Shop, scheme: str) -> None:
    for token in (shop.ada.token, shop.ada.access_token):
        response = await shop.visitor().get(ME, headers={"authorization": f"{scheme} {token}"})

        assert response.status_code == 200
        assert response.json()["username"] == "ada"


async def test_who_shows_nothing_is_not_known(shop: Shop) -> None:
    assert refusal(await shop.visitor().get(ME)) == "unauthorized"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer {token} {token}",
        "Bearer {token},",
        "Basic {token}",
        "Token {token}",
        "{token}",
        "Bearer={token}",
        "Bearer caf\u00e9",
        "Bearer " + "A" * 43,
        "Bearer a.b.c",
    ],
)
async def test_what_is_no_token_of_ours_is_nobodys(shop: Shop, authorization: str) -> None:
    sent = authorization.format(token=shop.ada.token).encode("latin-1")

    assert refusal(await shop.visitor().get(ME, headers=[(b"authorization", sent)])) == "unauthorized"


async def test_of_two_authorizations_none_counts(shop: Shop) -> None:
    sent = [("authorization", f"Bearer {shop.ada.token}")] * 2

    assert refusal(await shop.visitor().get(ME, headers=sent)) == "unauthorized"


async def test_a_token_in_the_query_counts_for_nothing(shop: Shop) -> None:
    response = await shop.visitor().get(ME, params={"token": shop.ada.token, "access_token": shop.ada.token})

    assert refusal(response) == "unauthorized"


async def test_the_cookie_is_as_good_as_a_bearer_token(shop: Shop) -> None:
    response = await shop.visitor().get(ME, headers={"cookie": f"a=b; session-token={shop.ada.token}; c=d"})

    assert response.json()["username"] == "ada"


async def test_of_two_cookies_of_that_name_none_counts(shop: Shop) -> None:
    other = await shop.member()

    response = await shop.visitor().get(
        ME, headers={"cookie": f"session-token={other.token}; session-token={shop.ada.token}"}
    )

    assert refusal(response) == "unauthorized"


async def test_where_both_are_sent_authorization_alone_counts(shop: Shop) -> None:
    other = await shop.member()
    cookie = {"cookie": f"session-token={shop.ada.token}"}

    good = await shop.visitor().get(ME, headers=cookie | {"authorization": f"Bearer {other.token}"})
    bad = await shop.visitor().get(ME, headers=cookie | {"authorization": "Bearer nonsense"})
    basic = await shop.visitor().get(ME, headers=cookie | {"authorization": "Basic YTpi"})

    assert good.json()["id"] == str(other.user.id)
    assert refusal(bad) == refusal(basic) == "unauthorized"


async def test_with_authorization_the_cookie_needs_no_origin(shop: Shop) -> None:
    headers = {"cookie": f"session-token={shop.ada.token}", "origin": "https://evil.test"}

    response = await shop.visitor(shop.ada.token).post(f"{V1}/auth/token", headers=headers)

    assert response.status_code == 200


async def test_an_access_token_for_another_takes_the_session_token(shop: Shop) -> None:
    issued = await shop.visitor(shop.ada.token).post(f"{V1}/auth/token")
    renewed = await shop.visitor(shop.ada.access_token).post(f"{V1}/auth/token")

    assert set(issued.json()) == {"access_token", "access_token_expires_at"}
    assert (await shop.visitor(issued.json()["access_token"]).get(ME)).status_code == 200
    assert refusal(renewed) == "unauthorized"


async def test_where_nobody_needs_to_be_known_a_bad_token_is_not_looked_at(shop: Shop) -> None:
    client = shop.visitor("nonsense")

    assert (await client.get("/health/live")).status_code == 200
    assert (await client.post(f"{V1}/auth/login", json=shop.ada.credentials)).status_code == 200


async def test_who_calls_is_asked_before_anything_that_is_sent_is_looked_at(shop: Shop) -> None:
    for content, media_type in ((b"not json", "text/plain"), (b" " * 2**21, "application/json"), (b"{", "")):
        response = await shop.visitor().post(
            f"{V1}/payments", content=content, headers={"content-type": media_type}
        )

        assert refusal(response) == "unauthorized"


async def test_what_does_not_exist_is_told_to_anybody(shop: Shop) -> None:
    assert (await shop.visitor().get(f"{V1}/users/not-an-id")).status_code == 404
    assert (await shop.visitor().put(ME)).status_code == 405


async def test_options_asks_for_nothing(shop: Shop) -> None:
    response = await shop.visitor().options(ME)

    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
