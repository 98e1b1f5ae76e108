"""The cookie of browsers: how it is set, and whose pages may use it."""

from http.cookies import Morsel, SimpleCookie

import pytest
from httpx import Response

from builders.members import V1
from builders.shop import PUBLIC_URL, Shop, open_shop, settings_of_a_shop

LOGIN = f"{V1}/auth/login"
LOGOUT = f"{V1}/auth/logout"
SESSIONS = f"{V1}/auth/sessions"
PARTNER = "https://partner.example:8443"


def the_cookie(response: Response) -> Morsel[str]:
    """The only one that the answer sets."""
    (header,) = response.headers.get_list("set-cookie")
    (morsel,) = SimpleCookie(header).values()
    return morsel


async def test_a_login_sets_the_token_as_a_cookie_out_of_the_reach_of_scripts(shop: Shop) -> None:
    response = await shop.visitor().post(LOGIN, json=shop.ada.credentials)

    cookie = the_cookie(response)
    assert (cookie.key, cookie.value) == ("session-token", response.json()["token"])
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert cookie["max-age"] == str(7 * 24 * 60 * 60)
    assert not cookie["secure"]


async def test_outside_development_it_is_secure_and_bound_to_the_host() -> None:
    settings = settings_of_a_shop(environment="production", gateway="sandbox", smtp_url="smtp://localhost")
    async with open_shop(settings) as shop:
        response = await shop.visitor().post(LOGIN, json=shop.ada.credentials)
        cookie = the_cookie(response)
        named = await shop.visitor().get(SESSIONS, headers={"cookie": f"{cookie.key}={cookie.value}"})
        bare = await shop.visitor().get(SESSIONS, headers={"cookie": f"session-token={cookie.value}"})

    assert cookie.key == "__Host-session-token"
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    assert named.status_code == 200
    assert bare.status_code == 401


async def test_a_logout_clears_it(shop: Shop) -> None:
    response = await shop.client.post(LOGOUT)

    cookie = the_cookie(response)
    assert (cookie.key, cookie.value, cookie["max-age"], cookie["path"]) == ("session-token", "", "0", "/")


async def test_a_refused_login_sets_none(shop: Shop) -> None:
    response = await shop.visitor().post(LOGIN, json=shop.ada.credentials | {"password": "wrong"})

    assert response.status_code == 401
    assert "set-cookie" not in response.headers


async def with_cookie(shop: Shop, method: str = "DELETE", **headers: str) -> int:
    """Call as Ada's browser does, made to by some page, and give the status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await shop.visitor().request(
        method, SESSIONS, headers={"cookie": f"session-token={shop.ada.token}"} | named
    )
    if response.status_code == 403:
        assert response.json()["error"]["code"] == "forbidden"
    return response.status_code


async def test_a_page_of_ours_may_change_something(shop: Shop) -> None:
    assert await with_cookie(shop, origin=PUBLIC_URL) == 204
    assert await with_cookie(shop, sec_fetch_site="same-origin") == 204
    assert await with_cookie(shop, origin=PUBLIC_URL, sec_fetch_site="same-origin") == 204
    assert await with_cookie(shop, origin="http://localhost:8000", sec_fetch_site="same-origin") == 204


async def test_the_address_that_is_listened_on_is_ours_too(shop: Shop) -> None:
    browser = shop.visitor()
    browser.base_url = "http://127.0.0.1:8765"
    browser.headers["cookie"] = f"session-token={shop.ada.token}"

    foreign = await browser.delete(SESSIONS, headers={"origin": "http://127.0.0.1:8766"})
    ours = await browser.delete(SESSIONS, headers={"origin": "http://127.0.0.1:8765"})

    assert [foreign.status_code, ours.status_code] == [403, 204]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        "",
        "http://shop.example",
        "https://shop.example:444",
        "https://shop.example.evil.test",
        "https://evil.shop.example",
        "https://shop.example/",
        "HTTPS://SHOP.EXAMPLE",
    ],
)
async def test_a_foreign_page_may_not(shop: Shop, origin: str) -> None:
    assert await with_cookie(shop, origin=origin) == 403
    assert await with_cookie(shop, origin=origin, sec_fetch_site="same-site") == 403


async def test_what_does_not_say_where_it_comes_from_may_not(shop: Shop) -> None:
    assert await with_cookie(shop) == 403
    assert await with_cookie(shop, referer=f"{PUBLIC_URL}/account") == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_another_site_is_foreign_and_a_neighbour_is_too(shop: Shop, site: str) -> None:
    assert await with_cookie(shop, sec_fetch_site=site) == 403


async def test_the_host_of_the_request_makes_no_page_ours(shop: Shop) -> None:
    assert await with_cookie(shop, host="evil.test", origin="http://evil.test") == 403
    assert await with_cookie(shop, x_forwarded_host="evil.test", origin="https://evil.test") == 403


async def test_a_configured_origin_is_as_good_as_ours() -> None:
    async with open_shop(settings_of_a_shop(allowed_origins=(PARTNER,))) as shop:
        assert await with_cookie(shop, origin=PARTNER) == 204
        assert await with_cookie(shop, origin=PUBLIC_URL) == 204
        assert await with_cookie(shop, origin="https://evil.test") == 403


async def test_looking_needs_no_origin(shop: Shop) -> None:
    for method in ("GET", "HEAD"):
        assert await with_cookie(shop, method, origin="https://evil.test") == 200


async def test_who_calls_is_asked_before_where_from_and_that_before_what_it_may(shop: Shop) -> None:
    roles = f"{shop.ada.path}/roles"
    foreign = {"origin": "https://evil.test"}
    cookie = {"cookie": f"session-token={shop.ada.token}"}

    nobody = await shop.visitor().put(roles, headers=foreign | {"cookie": "session-token=nonsense"})
    ada = await shop.visitor().put(roles, headers=foreign | cookie)

    assert nobody.status_code == 401
    assert ada.status_code == 403
    assert "origin" in ada.json()["error"]["message"]


async def test_a_browser_can_log_in_again_whatever_cookie_it_has_left(shop: Shop) -> None:
    await shop.client.post(LOGOUT)

    response = await shop.visitor().post(
        LOGIN, json=shop.ada.credentials, headers={"cookie": f"session-token={shop.ada.token}"}
    )

    assert response.status_code == 200
