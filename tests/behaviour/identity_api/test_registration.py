"""Registration, and what can be asked before it."""

import asyncio
from typing import Any

import pytest
from httpx import Response

from builders.members import PASSWORD, V1
from builders.shop import Shop, open_shop, settings_of_a_shop

REGISTER = f"{V1}/auth/register"
AVAILABILITY = f"{V1}/auth/availability"
STRENGTH = f"{V1}/auth/password-strength"


def a_registration(**changes: Any) -> dict[str, Any]:
    return {"username": "grace", "email": "Grace@Example.com", "password": PASSWORD} | changes


def field_errors(response: Response, status: int = 400) -> list[tuple[str, str]]:
    assert response.status_code == status, response.text
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


async def test_an_account_is_made_and_shows_nothing_of_its_password(shop: Shop) -> None:
    response = await shop.visitor().post(REGISTER, json=a_registration())

    user = response.json()
    assert response.status_code == 201
    assert user == {
        "id": user["id"],
        "username": "grace",
        "email": "Grace@Example.com",
        "email_verified": False,
        "roles": ["User"],
        "order_count": 0,
        "created_at": "2026-11-20T12:00:00Z",
        "updated_at": "2026-11-20T12:00:00Z",
        "version": 1,
    }
    assert response.headers["location"] == f"{V1}/users/{user['id']}"
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers


async def test_a_new_account_can_log_in_by_either_name_in_any_case(shop: Shop) -> None:
    await shop.visitor().post(REGISTER, json=a_registration())

    for name in ("grace", "GRACE", "grace@example.com", "Grace@Example.com"):
        response = await shop.visitor().post(
            f"{V1}/auth/login", json={"username": name, "password": PASSWORD}
        )
        assert response.status_code == 200


@pytest.mark.parametrize(
    "extra", [{"roles": ["Admin"]}, {"email_verified": True}, {"id": "7"}, {"order_count": 9}, {"version": 7}]
)
async def test_nobody_gives_themselves_more_than_an_account(shop: Shop, extra: dict[str, Any]) -> None:
    response = await shop.visitor().post(REGISTER, json=a_registration(**extra))

    assert field_errors(response) == [(next(iter(extra)), "unknown_field")]
    assert (await shop.visitor().post(REGISTER, json=a_registration())).json()["roles"] == ["User"]


async def test_names_that_are_taken_are_a_conflict_whatever_their_case(shop: Shop) -> None:
    response = await shop.visitor().post(
        REGISTER, json=a_registration(username="ADA", email="ada@EXAMPLE.com")
    )

    assert field_errors(response, 409) == [("username", "taken"), ("email", "taken")]
    assert response.json()["error"]["code"] == "conflict"


async def test_a_name_stays_taken_when_its_account_is_gone(shop: Shop) -> None:
    member = await shop.member()
    name = {"username": member.user.username, "email": "somebody@example.com"}
    assert (await member.client.delete(member.path)).status_code == 204

    response = await shop.visitor().post(REGISTER, json=a_registration(**name))

    assert field_errors(response, 409) == [("username", "taken")]


async def test_of_many_who_take_one_name_at_once_one_gets_it() -> None:
    async with open_shop(settings_of_a_shop(rate_limit_factor=10)) as shop:
        answers = await asyncio.gather(
            *(
                shop.visitor().post(REGISTER, json=a_registration(email=f"grace_{number}@example.com"))
                for number in range(50)
            )
        )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    for answer in answers:
        if answer.status_code == 409:
            assert field_errors(answer, 409) == [("username", "taken")]


async def test_everything_wrong_is_told_at_once(shop: Shop) -> None:
    response = await shop.visitor().post(
        REGISTER, json={"username": "a b", "email": "nowhere", "password": "short"}
    )

    assert field_errors(response) == [
        ("username", "invalid_format"),
        ("email", "invalid_format"),
        ("password", "too_short"),
        ("password", "no_upper"),
        ("password", "no_digit"),
    ]


async def test_what_has_a_wrong_shape_is_told_with_what_breaks_rules(shop: Shop) -> None:
    response = await shop.visitor().post(
        REGISTER, json={"username": 7, "password": "x" * 1025, "admin": True}
    )

    assert field_errors(response) == [
        ("username", "wrong_type"),
        ("email", "required"),
        ("password", "too_long"),
        ("password", "no_upper"),
        ("password", "no_digit"),
        ("admin", "unknown_field"),
    ]


@pytest.mark.parametrize("password", [None, 12345678, ["Analytical Engine 1843"], {"a": 1}])
async def test_a_password_is_a_text_and_never_repeated(shop: Shop, password: object) -> None:
    response = await shop.visitor().post(REGISTER, json=a_registration(password=password))

    assert field_errors(response) == [("password", "wrong_type")]
    assert "1843" not in response.text
    assert "12345678" not in response.text


async def test_letters_and_digits_of_any_script_make_a_password(shop: Shop) -> None:
    response = await shop.visitor().post(
        REGISTER, json=a_registration(password="\u0416\u0436\u0436\u0436\u0436\u0436\u0436\u0663")
    )

    assert response.status_code == 201


async def test_a_password_is_the_same_however_its_letters_were_composed(shop: Shop) -> None:
    await shop.visitor().post(REGISTER, json=a_registration(password="Caf\u00e9 au lait 1"))

    response = await shop.visitor().post(
        f"{V1}/auth/login", json={"username": "grace", "password": "Cafe\u0301 au lait 1"}
    )

    assert response.status_code == 200


async def test_whether_names_are_free_can_be_asked_by_anybody(shop: Shop) -> None:
    async def look(**query: str) -> Any:
        return (await shop.visitor().get(AVAILABILITY, params=query)).json()

    assert await look(username="Ada") == {"username_available": False}
    assert await look(email="free@example.com") == {"email_available": True}
    assert await look(username="grace", email="ADA@example.com") == {
        "username_available": True,
        "email_available": False,
    }


async def test_to_ask_for_nothing_or_for_what_cannot_be_a_name_is_an_error(shop: Shop) -> None:
    nothing = await shop.visitor().get(AVAILABILITY)
    nobodys = await shop.visitor().get(AVAILABILITY, params={"username": "a b", "email": "nowhere"})

    assert field_errors(nothing) == [("username", "required")]
    assert field_errors(nobodys) == [("username", "invalid_format"), ("email", "invalid_format")]


async def test_the_strength_of_a_password_is_measured_for_anybody(shop: Shop) -> None:
    weak = await shop.visitor().post(STRENGTH, json={"password": "password1"})
    strong = await shop.visitor().post(STRENGTH, json={"password": "kY8#vaultedPangolin&tea"})

    assert weak.status_code == strong.status_code == 200
    assert set(weak.json()) == {"score", "feedback", "time_to_crack"}
    assert weak.json()["score"] < 2 < strong.json()["score"]
    assert weak.json()["feedback"]
    assert weak.headers["cache-control"] == "no-store"


async def test_what_an_attacker_knows_makes_a_password_weaker(shop: Shop) -> None:
    password = "ada_lovelace_1843"

    alone = await shop.visitor().post(STRENGTH, json={"password": password})
    known = await shop.visitor().post(
        STRENGTH, json={"password": password, "user_inputs": ["ada_lovelace", "1843"]}
    )

    assert known.json()["score"] < alone.json()["score"]


async def test_a_password_too_long_to_look_at_is_refused(shop: Shop) -> None:
    response = await shop.visitor().post(STRENGTH, json={"password": "x" * 1025, "user_inputs": "ada"})

    assert field_errors(response) == [("password", "too_long"), ("user_inputs", "wrong_type")]
