"""POST /payments/batch: many payments, each as if it had been asked for alone."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve, frozen
from httpx import Response

from builders.members import client_of
from builders.payments import ANSWER_LOST, APPROVED, DECLINED, SLOW, UNREACHABLE
from builders.shop import (
    PAYMENTS,
    Shop,
    a_card_body,
    a_payment_body,
    open_shop,
    serving,
)
from quayside.core.kernel import CustomerId, UnavailableError
from quayside.core.resilience import Claim, IdempotencyKeys

LEASE = timedelta(seconds=40)
BATCH = f"{PAYMENTS}/batch"


def an_item(card: str = APPROVED, **changes: Any) -> dict[str, Any]:
    return a_payment_body(paying_card_details=a_card_body(card)) | changes


async def batch(shop: Shop, *items: object, key: str | None = None, **changes: Any) -> Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await shop.client.post(BATCH, json={"payments": items} | changes, headers=headers)


def results(response: Response) -> list[dict[str, Any]]:
    assert response.status_code == 207, response.text
    found: list[dict[str, Any]] = response.json()["results"]
    assert [each["index"] for each in found] == list(range(len(found)))
    assert all(("payment" in each) is not ("error" in each) for each in found)
    return found


def statuses(response: Response) -> list[int]:
    return [each["status"] for each in results(response)]


def ids(response: Response) -> list[str]:
    return [each["payment"]["id"] for each in results(response)]


async def test_each_item_is_answered_as_if_it_had_been_asked_for_alone(shop: Shop) -> None:
    response = await batch(
        shop,
        an_item(),
        an_item(DECLINED),
        an_item(amount="0.001", currency="GBP"),
        an_item(UNREACHABLE),
        an_item(ANSWER_LOST),
        an_item(capture=False),
        "no object",
        an_item(unknown="field"),
    )

    assert statuses(response) == [201, 402, 400, 502, 202, 201, 400, 400]
    taken, declined, invalid, *_, no_object, unknown = results(response)
    assert taken["payment"] == (await shop.client.get(f"{PAYMENTS}/{taken['payment']['id']}")).json()
    assert declined["error"]["decline_code"] == "generic_decline"
    assert [each["field"] for each in invalid["error"]["field_errors"]] == ["amount"]
    assert no_object["error"]["field_errors"][0]["code"] == "wrong_type"
    assert unknown["error"]["field_errors"][0] == {
        "field": "unknown",
        "message": "is not a field of this request",
        "code": "unknown_field",
    }


async def test_what_cannot_be_read_in_an_item_is_the_items_own_error(shop: Shop) -> None:
    good = json.dumps(an_item())
    twice = good.replace('"amount": "19.99"', '"amount": "19.99", "amount": "0.01"')
    response = await shop.client.post(
        BATCH, content=f'{{"payments": [{twice}, {good}]}}', headers={"content-type": "application/json"}
    )

    assert statuses(response) == [400, 201]
    assert results(response)[0]["error"]["field_errors"][0]["code"] == "repeated_field"


async def test_where_nobody_can_say_what_could_be_read_the_whole_is_refused(shop: Shop) -> None:
    twice = '{"a":1,"a":2}'
    content = f'{{"payments": [{",".join([twice] * 999)}, {{"a":1,"a":1,"a":1,"b":1,"b":1}}]}}'

    response = await shop.client.post(BATCH, content=content, headers={"content-type": "application/json"})

    assert response.status_code == 400
    assert len(response.json()["error"]["field_errors"]) == 1_000


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "payments", "required"),
        ({"payments": None}, "payments", "wrong_type"),
        ({"payments": {}}, "payments", "wrong_type"),
        ({"payments": []}, "payments", "too_few"),
        ({"payments": [1] * 1_001}, "payments", "too_many"),
        ({"payments": [1], "more": 1}, "more", "unknown_field"),
    ],
)
async def test_what_is_wrong_with_the_whole_is_refused_as_a_whole(
    shop: Shop, body: object, field: str, code: str
) -> None:
    response = await shop.client.post(BATCH, json=body)

    assert response.status_code == 400
    assert [(each["field"], each["code"]) for each in response.json()["error"]["field_errors"]] == [
        (field, code)
    ]
    assert "PaymentReceived" not in await shop.story()


async def test_a_thousand_payments_fit(shop: Shop) -> None:
    nothing = {**an_item(), "amount": "0"}

    response = await batch(shop, *[nothing] * 999, an_item())

    assert statuses(response) == [*[400] * 999, 201]


async def test_the_key_of_the_header_covers_the_whole(shop: Shop) -> None:
    first = await batch(shop, an_item(), an_item(DECLINED), key="all")
    again = await batch(shop, an_item(), an_item(DECLINED), key="all")
    other = await batch(shop, an_item(), key="all")

    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status_code == 422
    assert (await shop.payments()).json()["total_count"] == 2


async def test_an_item_has_a_key_of_its_own(shop: Shop) -> None:
    first = await batch(shop, an_item(idempotency_key="one"), an_item())
    again = await batch(shop, an_item(), an_item(idempotency_key="one"))
    other = await batch(shop, an_item(idempotency_key="one", amount="1.00"))

    assert results(again)[1]["payment"] == results(first)[0]["payment"]
    assert len({*ids(first), *ids(again)}) == 3
    assert statuses(other) == [422]
    assert results(other)[0]["error"]["code"] == "idempotency_key_reused"


async def test_items_with_the_same_key_are_one_payment(shop: Shop) -> None:
    same = an_item(idempotency_key="one")

    response = await batch(shop, same, same, same)

    assert statuses(response) == [201] * 3
    assert len(set(ids(response))) == 1
    assert (await shop.payments()).json()["total_count"] == 1


async def test_the_keys_of_items_the_whole_and_single_payments_do_not_meet(shop: Shop) -> None:
    alone = await shop.pay(idempotency_key="k")
    response = await batch(shop, an_item(idempotency_key="k"), key="k")

    assert statuses(response) == [201]
    assert ids(response) != [alone.json()["id"]]


async def test_a_key_that_is_none_is_the_items_error_and_an_invalid_item_claims_none(shop: Shop) -> None:
    response = await batch(shop, an_item(idempotency_key="a b"), an_item(idempotency_key="k", amount="0"))
    mended = await batch(shop, an_item(idempotency_key="k"))

    assert statuses(response) == [400, 400]
    assert results(response)[0]["error"]["field_errors"][0]["field"] == "idempotency_key"
    assert statuses(mended) == [201]


async def test_an_item_that_was_declined_stays_declined_and_one_that_failed_may_be_asked_again(
    shop: Shop,
) -> None:
    items = an_item(DECLINED, idempotency_key="a"), an_item(UNREACHABLE, idempotency_key="b")

    first = results(await batch(shop, *items))
    again = results(await batch(shop, *items))

    assert again[0] == first[0]
    assert (again[1]["status"], again[1]["error"]["payment_id"] != first[1]["error"]["payment_id"]) == (
        502,
        True,
    )


async def test_ten_at_most_ask_the_gateway_at_once() -> None:
    asking: list[int] = [0]

    async def counted(_: float) -> None:
        asking.append(asking[-1] + 1)
        await asyncio.sleep(0.01)
        asking.append(asking[-1] - 1)

    async with open_shop(sleep=counted) as shop:
        response = await batch(shop, *[an_item(SLOW)] * 25)

    assert statuses(response) == [201] * 25
    assert max(asking) == 10


async def test_what_the_time_limit_leaves_is_504_in_its_place_and_nothing_is_lost() -> None:
    ends = asyncio.Event()

    async def forever(_: float) -> None:
        await ends.wait()

    async with open_shop(sleep=forever) as shop:
        edge: Any = shop.app
        hasty = client_of(evolve(edge, time_limit_s=1.5), shop.ada.token)
        slow = [an_item(SLOW, idempotency_key=f"slow-{n}") for n in range(20)]

        response = await hasty.post(BATCH, json={"payments": [an_item(), *slow, an_item()]})

        assert statuses(response) == [201, *[504] * 21]
        begun = results(response)[1]["error"]
        assert begun["code"] == "timeout"
        assert (await shop.client.get(f"{PAYMENTS}/{begun['payment_id']}")).json()["status"] == "Pending"
        assert "payment_id" not in results(response)[21]["error"]

        ends.set()
        again = await batch(shop, slow[0])

        assert statuses(again) == [201]
        assert ids(again) == [begun["payment_id"]]


@frozen
class Forgetful:
    """Keys of a process that dies before it can keep an answer."""

    keys: IdempotencyKeys

    def __getattr__(self, name: str) -> object:
        return getattr(self.keys, name)

    async def keep(self, claim: Claim, answer: bytes, *, customer_id: CustomerId | None = None) -> None:
        raise UnavailableError("Dead.")


async def test_a_batch_whose_process_died_is_gone_on_with_and_takes_nothing_twice(shop: Shop) -> None:
    items = [an_item(), an_item(DECLINED), an_item(idempotency_key="mine")]
    idempotency = shop.application.idempotency
    keys: Any = Forgetful(idempotency.keys)
    dying = evolve(shop.application, idempotency=evolve(idempotency, keys=keys))
    async with serving(dying, shop.ada.token) as client:
        first = await client.post(BATCH, json={"payments": items}, headers={"Idempotency-Key": "all"})
    shop.clock.advance(LEASE)

    again = await batch(shop, *items, key="all")

    assert statuses(again) == statuses(first) == [201, 402, 201]
    assert results(again) == results(first)
    assert (await shop.payments()).json()["total_count"] == 3
