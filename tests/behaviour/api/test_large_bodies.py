"""A body within its limit that is wrong in more places than anybody would read of."""

import json
from time import process_time

import pytest

from builders.shop import Shop, a_payment_body

MANY = 20_000


def with_members(members: str) -> str:
    return f"{json.dumps(a_payment_body(currency=7))[:-1]}, {members}}}"


WRONG = {
    "unknown": with_members(", ".join(f'"x{number}": 1' for number in range(MANY))),
    "unknown and too large": with_members(", ".join(f'"x{number}": 1e999' for number in range(MANY))),
    "unknown within": json.dumps(
        a_payment_body(currency=7, address_details={f"x{number}": 1 for number in range(MANY)})
    ),
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
async def test_of_very_many_errors_a_thousand_are_told_those_of_known_fields_among_them(
    shop: Shop, body: str
) -> None:
    response = await shop.pay_with(body)

    assert response.status_code == 400
    errors = response.json()["error"]["field_errors"]
    assert len(errors) == 1000
    assert errors[0]["field"] == "currency"


@pytest.mark.parametrize("items", [MANY * [1], MANY * ["1"]])
async def test_a_list_longer_than_any_rule_allows_is_one_error(shop: Shop, items: list[object]) -> None:
    body = json.dumps({"password": "Analytical Engine 1843", "user_inputs": items})

    response = await shop.client.post("/api/v1/auth/password-strength", content=body, headers=JSON)

    assert response.status_code == 400
    (error,) = response.json()["error"]["field_errors"]
    assert (error["field"], error["code"]) == ("user_inputs", "too_long")


async def test_errors_that_are_not_shown_cost_next_to_nothing(shop: Shop) -> None:
    async def cost(content: str) -> float:
        start = process_time()
        await shop.client.post("/api/v1/auth/password-strength", content=content, headers=JSON)
        return process_time() - start

    bodies = (json.dumps({"password": "x", "user_inputs": count * [1]}) for count in (3_000, 300_000))
    few, many = [min([await cost(body) for _ in range(3)]) for body in bodies]

    # Were each error worked out, the hundredfold would take a hundred times as long, and seconds.
    assert many < 0.05 + 20 * few


JSON = {"content-type": "application/json"}
