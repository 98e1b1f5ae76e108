"""How often one may call, and how one is told."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from httpx import Response

from builders.members import ELSEWHERE, HOME, PASSWORD, V1
from builders.shop import PAYMENTS, Shop, open_shop, settings_of_a_shop

ME = f"{V1}/auth/me"
REGISTER = f"{V1}/auth/register"
AVAILABILITY = f"{V1}/auth/availability?username=free"
LIMIT, REMAINING, RESET = "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"


def told(response: Response) -> tuple[str, ...]:
    return tuple(response.headers[name] for name in (LIMIT, REMAINING, RESET))


async def test_a_caller_may_ask_600_times_a_minute_and_is_told_how_often_still(shop: Shop) -> None:
    first = await shop.client.get(ME)
    await shop.has_asked(598)
    last = await shop.client.get(ME)
    refused = await shop.client.get(PAYMENTS)
    shop.clock.advance(timedelta(minutes=1))
    later = await shop.client.get(PAYMENTS)

    assert told(first) == ("600", "599", "60")
    assert told(last) == ("600", "0", "60")
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    assert told(refused) == ("600", "0", "60")
    assert refused.headers["retry-after"] == "60"
    assert later.status_code == 200


async def test_each_user_is_counted_alone_wherever_they_are(shop: Shop) -> None:
    other = await shop.member()
    await shop.client.get(ME)

    again = await shop.visitor(shop.ada.token, address=ELSEWHERE).get(ME)
    others = await other.client.get(ME)

    assert (again.headers[REMAINING], others.headers[REMAINING]) == ("598", "599")


async def test_who_is_not_known_is_counted_by_address(shop: Shop) -> None:
    path = f"{V1}/auth/login"
    first = await shop.visitor().post(path, json={})
    second = await shop.visitor().post(path, json={})
    other = await shop.visitor(address=ELSEWHERE).post(path, json={})

    assert [each.headers[REMAINING] for each in (first, second, other)] == ["599", "598", "599"]


async def test_what_is_refused_counts_and_tells_too(shop: Shop) -> None:
    anonymous = [await shop.visitor().get(ME) for _ in range(2)]
    forbidden = await shop.client.get(f"{V1}/users")
    invalid = await shop.client.post(PAYMENTS, json={})

    assert [told(each) for each in anonymous] == [("600", "599", "60"), ("600", "598", "60")]
    assert (forbidden.status_code, forbidden.headers[REMAINING]) == (403, "599")
    assert (invalid.status_code, invalid.headers[REMAINING]) == (400, "598")


async def test_who_may_not_is_told_so_before_it_is_told_that_it_asks_too_often(shop: Shop) -> None:
    await shop.has_asked(600)

    statuses = [
        (await shop.client.get(f"{V1}/users")).status_code,
        (await shop.client.post(PAYMENTS, content=b"not json")).status_code,
    ]

    assert statuses == [403, 429]


async def test_an_address_registers_20_accounts_an_hour(shop: Shop) -> None:
    async def register(number: int, address: str = HOME) -> Response:
        body = {"username": f"user_{number}", "email": f"user_{number}@example.com", "password": PASSWORD}
        return await shop.visitor(address=address).post(REGISTER, json=body)

    answers = [await register(number) for number in range(21)]
    elsewhere = await register(99, ELSEWHERE)

    assert [answer.status_code for answer in answers] == [201] * 20 + [429]
    assert told(answers[0]) == ("20", "19", "3600")
    assert told(answers[20]) == ("20", "0", "3600")
    assert elsewhere.status_code == 201


async def test_an_address_looks_up_60_names_and_measures_60_passwords_a_minute(shop: Shop) -> None:
    looked = [await shop.visitor().get(AVAILABILITY) for _ in range(61)]
    measured = await shop.visitor().post(f"{V1}/auth/password-strength", json={"password": "x"})

    assert [answer.status_code for answer in looked] == [200] * 60 + [429]
    assert told(looked[0]) == ("60", "59", "60")
    assert told(measured) == ("60", "59", "60")


async def test_an_ipv6_client_cannot_pick_itself_another_address(shop: Shop) -> None:
    first = await shop.visitor(address="2001:db8::1").get(AVAILABILITY)
    second = await shop.visitor(address="2001:db8::2").get(AVAILABILITY)
    neighbour = await shop.visitor(address="2001:db8:0:1::1").get(AVAILABILITY)

    assert [each.headers[REMAINING] for each in (first, second, neighbour)] == ["59", "58", "59"]


async def test_limits_are_multiplied_by_the_setting() -> None:
    async with open_shop(settings_of_a_shop(rate_limit_factor=1000)) as shop:
        assert (await shop.client.get(ME)).headers[LIMIT] == "600000"
        assert (await shop.visitor().get(AVAILABILITY)).headers[LIMIT] == "60000"


@pytest.mark.parametrize("path", ["/health/live", "/health", "/metrics", "/schema", "/.well-known/jwks.json"])
async def test_what_is_about_nobody_is_not_limited(shop: Shop, path: str) -> None:
    response = await shop.visitor().get(path)

    assert LIMIT not in response.headers
    assert "cache-control" not in response.headers


async def test_a_forwarded_address_counts_only_if_a_trusted_proxy_says_so() -> None:
    settings = settings_of_a_shop(trusted_proxies=(ip_network("10.0.0.0/8"),))
    async with open_shop(settings) as shop:

        async def remaining(peer: str, forwarded_for: str) -> str:
            response = await shop.visitor(address=peer).get(
                AVAILABILITY, headers={"x-forwarded-for": forwarded_for}
            )
            left: str = response.headers[REMAINING]
            return left

        assert await remaining("10.0.0.1", HOME) == "59"
        assert await remaining("10.0.0.2", f"{ELSEWHERE}, {HOME}") == "58"
        assert await remaining("10.0.0.1", ELSEWHERE) == "59"
        assert await remaining("203.0.113.9", HOME) == "59"
        assert await remaining("203.0.113.9", ELSEWHERE) == "58"


async def test_the_address_of_a_session_is_the_one_that_a_trusted_proxy_saw() -> None:
    settings = settings_of_a_shop(trusted_proxies=(ip_network("10.0.0.0/8"),))
    async with open_shop(settings) as shop:
        await shop.visitor(address="10.0.0.1").post(
            f"{V1}/auth/login", json=shop.ada.credentials, headers={"x-forwarded-for": ELSEWHERE}
        )
        sessions = (await shop.client.get(f"{V1}/auth/sessions")).json()["data"]

    assert {session["ip_address"] for session in sessions} == {HOME, ELSEWHERE}
