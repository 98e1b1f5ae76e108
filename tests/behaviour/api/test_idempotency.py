"""Idempotency keys: what is asked for twice is done once, and answered alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve, frozen
from httpx import AsyncClient, Response

from builders.payments import ANSWER_LOST, APPROVED, CAPTURE_DECLINED, DECLINED, SLOW, UNREACHABLE
from builders.saving import FailingPayments
from builders.shop import (
    PAYMENTS,
    Shop,
    a_card_body,
    a_payment_body,
    open_shop,
    serving,
    settings_of_a_shop,
)
from quayside.core.kernel import UnavailableError
from quayside.entrypoints.composition import Application

KEY = {"Idempotency-Key": "order-7"}
LEASE = timedelta(seconds=40)


async def pay(client: AsyncClient, card: str = APPROVED, **changes: Any) -> Response:
    body = a_payment_body(paying_card_details=a_card_body(card)) | changes
    return await client.post(PAYMENTS, json=body, headers=KEY)


async def charged(shop: Shop) -> list[str]:
    """What the gateway took, for each payment."""
    ids = [payment["id"] for payment in (await shop.payments()).json()["data"]]
    records = [await shop.application.gateway.look_up(f"{payment_id}/authorize") for payment_id in ids]
    return [record.captured.amount_text for record in records if record]


def code(response: Response) -> str:
    found: str = response.json()["error"]["code"]
    return found


@pytest.mark.parametrize(
    ("card", "status"), [(APPROVED, 201), (ANSWER_LOST, 202), (DECLINED, 402), (CAPTURE_DECLINED, 402)]
)
async def test_the_first_answer_comes_again_byte_for_byte(shop: Shop, card: str, status: int) -> None:
    first = await pay(shop.client, card)

    again = await pay(shop.client, card)

    assert (first.status_code, again.status_code) == (status, status)
    assert again.content == first.content
    for name in ("x-request-id", "content-type", "location"):
        assert again.headers.get(name) == first.headers.get(name)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert (await shop.payments()).json()["total_count"] == 1


async def test_the_first_answer_comes_again_with_headers_of_its_own_request(shop: Shop) -> None:
    first = await pay(shop.client)
    shop.clock.advance(timedelta(seconds=1))

    again = await shop.client.post(
        PAYMENTS, json=a_payment_body(), headers={**KEY, "X-Request-ID": "another-one"}
    )

    assert again.headers.get_list("x-request-id") == [first.headers["x-request-id"]]
    assert again.headers["traceparent"] != first.headers["traceparent"]
    assert int(again.headers["ratelimit-remaining"]) == int(first.headers["ratelimit-remaining"]) - 1
    assert again.headers["cache-control"] == "no-store"


async def test_without_a_key_each_request_is_another(shop: Shop) -> None:
    first, second = await shop.pay(), await shop.pay()

    assert first.json()["id"] != second.json()["id"]


async def test_a_key_stands_for_one_request(shop: Shop) -> None:
    first = await pay(shop.client)

    other = await pay(shop.client, amount="20.00")

    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")
    assert (await pay(shop.client)).content == first.content
    assert await charged(shop) == ["19.99"]


async def test_the_same_is_the_same_however_it_is_written(shop: Shop) -> None:
    body = a_payment_body(amount=20, metadata={"a": 1, "é": "x"})
    first = await shop.client.post(PAYMENTS, json=body, headers=KEY)
    card = {**body["paying_card_details"], "cvv": "999"}
    reordered = dict(reversed(body.items())) | {"amount": 20.0, "metadata": {"e\u0301": "x", "a": 1.0}}

    again = await shop.client.post(PAYMENTS, json=reordered | {"paying_card_details": card}, headers=KEY)

    assert again.content == first.content


async def test_a_key_is_its_callers_own(shop: Shop) -> None:
    bob = await shop.member()

    adas, bobs = await pay(shop.client), await pay(bob.client)

    assert adas.json()["id"] != bobs.json()["id"]


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"Idempotency-Key": '"order-7"'}},
        {"body": {"idempotency_key": "order-7"}},
        {"body": {"idempotency_key": "order-7"}, "headers": {"Idempotency-Key": '"order-7"'}},
    ],
)
async def test_a_key_may_be_quoted_or_stand_in_the_body(shop: Shop, sent: dict[str, Any]) -> None:
    first = await pay(shop.client)

    again = await shop.client.post(
        PAYMENTS, json=a_payment_body(**sent.get("body", {})), headers=sent.get("headers", {})
    )

    assert again.content == first.content


@pytest.mark.parametrize("key", ["!", '"', "~" * 255, f'"{"~" * 255}"', '"a\\"b\\\\"'])
async def test_a_key_is_any_visible_ascii(shop: Shop, key: str) -> None:
    first, again = [
        await shop.client.post(PAYMENTS, json=a_payment_body(), headers={"Idempotency-Key": key})
        for _ in range(2)
    ]

    assert first.status_code == 201
    assert again.content == first.content


@pytest.mark.parametrize(
    ("headers", "body", "errors"),
    [
        ([b""], {}, [("Idempotency-Key", "invalid_format")]),
        ([b'""'], {}, [("Idempotency-Key", "invalid_format")]),
        ([b"two words"], {}, [("Idempotency-Key", "invalid_format")]),
        ([b"caf\xc3\xa9"], {}, [("Idempotency-Key", "invalid_format")]),
        ([b"~" * 256], {}, [("Idempotency-Key", "invalid_format")]),
        ([b"a", b"a"], {}, [("Idempotency-Key", "repeated_field")]),
        ([], {"idempotency_key": ""}, [("idempotency_key", "invalid_format")]),
        ([], {"idempotency_key": 7}, [("idempotency_key", "wrong_type")]),
        ([b"a"], {"idempotency_key": "b"}, [("idempotency_key", "mismatch")]),
        (
            [b"a b"],
            {"amount": "x", "idempotency_key": "\u0661"},
            [
                ("idempotency_key", "invalid_format"),
                ("amount", "invalid_format"),
                ("Idempotency-Key", "invalid_format"),
            ],
        ),
    ],
)
async def test_what_is_no_key_is_an_error_beside_all_others(
    shop: Shop, headers: list[bytes], body: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    response = await shop.client.post(
        PAYMENTS, json=a_payment_body(**body), headers=[(b"Idempotency-Key", value) for value in headers]
    )

    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["error"]["field_errors"]] == errors
    assert (await shop.payments()).json()["total_count"] == 0


async def test_fields_are_looked_at_before_the_key_and_use_none_up(shop: Shop) -> None:
    refused = [await pay(shop.client, amount="0.00"), await pay(shop.client, amount="x")]
    taken = await pay(shop.client)
    refused += [await pay(shop.client, amount="0.00"), await pay(shop.client, amount="x")]

    assert taken.status_code == 201
    assert [response.status_code for response in refused] == [400] * 4


async def test_a_key_whose_request_surely_came_to_nothing_is_free(shop: Shop) -> None:
    first = await pay(shop.client, UNREACHABLE)

    second = await pay(shop.client, UNREACHABLE)
    third = await pay(shop.client)

    assert [response.status_code for response in (first, second, third)] == [502, 502, 201]
    assert first.json()["error"]["payment_id"] != second.json()["error"]["payment_id"]
    assert "idempotent-replayed" not in third.headers


async def test_a_key_lives_for_as_long_as_is_set() -> None:
    async with open_shop(settings_of_a_shop(idempotency_ttl_s=60)) as shop:
        first = await pay(shop.client)
        shop.clock.advance(timedelta(seconds=59))
        again = await pay(shop.client)
        shop.clock.advance(timedelta(seconds=1))
        later = await pay(shop.client, amount="20.00")

    assert again.content == first.content
    assert later.status_code == 201


@frozen
class Door:
    """Where a slow gateway waits, until it is let on."""

    reached: asyncio.Event
    opened: asyncio.Event

    async def wait(self, _: float) -> None:
        self.reached.set()
        await self.opened.wait()


@asynccontextmanager
async def a_shop_with_a_door(**settings: Any) -> AsyncIterator[tuple[Shop, Door]]:
    door = Door(asyncio.Event(), asyncio.Event())
    async with open_shop(settings_of_a_shop(**settings), sleep=door.wait) as shop:
        yield shop, door


async def test_while_the_first_is_under_way_the_next_is_told_to_come_again() -> None:
    async with a_shop_with_a_door() as (shop, door), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(pay(shop.client, SLOW))
        await door.reached.wait()

        too_early = await pay(shop.client, SLOW)
        other = await pay(shop.client, amount="20.00")
        door.opened.set()

    assert (too_early.status_code, code(too_early)) == (409, "idempotency_in_progress")
    assert int(too_early.headers["retry-after"]) > 0
    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")
    assert first.result().status_code == 201


async def test_twenty_who_ask_at_once_make_one_payment_and_one_charge(shop: Shop) -> None:
    responses = await asyncio.gather(*(pay(shop.client, SLOW) for _ in range(20)))

    taken = [response.content for response in responses if response.status_code == 201]
    early = [response for response in responses if response.status_code == 409]
    assert taken
    assert len(set(taken)) == 1
    assert len(taken) + len(early) == 20
    assert await charged(shop) == ["19.99"]


async def test_a_request_that_took_too_long_is_gone_on_with() -> None:
    async with a_shop_with_a_door(request_timeout_s=1) as (shop, door):
        timed_out = await pay(shop.client, SLOW)
        door.opened.set()
        again = await pay(shop.client, SLOW)

        assert timed_out.status_code == 504
        assert (again.status_code, again.json()["status"]) == (201, "Completed")
        assert again.json()["id"] == timed_out.json()["error"]["payment_id"]
        assert await charged(shop) == ["19.99"]


@frozen
class Failing:
    """A part that fails at one call, after it has done what was asked, or before."""

    part: Any
    call: str
    error: Exception
    after: bool = False

    def __getattr__(self, name: str) -> Any:
        reached = getattr(self.part, name)
        if name != self.call:
            return reached

        async def failing(*arguments: Any, **named: Any) -> None:
            if self.after:
                await reached(*arguments, **named)
            raise self.error

        return failing


def _processing(application: Application, **changes: Any) -> Application:
    payments = application.payments
    changed = evolve(payments, process_payment=evolve(payments.process_payment, **changes))
    return evolve(application, payments=changed)


def without_database(application: Application) -> Application:
    process_payment = application.payments.process_payment
    return _processing(application, payments=FailingPayments(process_payment.payments, saves=0))


def failing_gateway(application: Application, call: str, *, after: bool) -> Application:
    gateway: Any = Failing(application.gateway, call, RuntimeError("a defect of ours"), after)
    return _processing(application, gateway=gateway)


async def test_what_could_not_be_stored_is_done_under_the_same_id_the_next_time(shop: Shop) -> None:
    async with serving(without_database(shop.application), shop.ada.login.token.reveal()) as client:
        failed = await pay(client)

    again = await pay(shop.client)

    assert failed.status_code == 503
    assert again.status_code == 201
    assert again.json()["id"] == failed.json()["error"]["payment_id"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["tokenize", "authorize", "capture"])
async def test_what_failed_on_our_side_is_gone_on_with_and_charged_once(
    shop: Shop, call: str, *, after: bool
) -> None:
    broken = failing_gateway(shop.application, call, after=after)
    async with serving(broken, shop.ada.login.token.reveal()) as client:
        failed = await pay(client)

    other = await pay(shop.client, amount="20.00")
    again = await pay(shop.client)

    assert failed.status_code == 500
    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")
    assert again.status_code == 201
    assert again.json()["id"] == failed.json()["error"]["payment_id"]
    assert await charged(shop) == ["19.99"]
    assert (await pay(shop.client)).content == again.content


async def test_an_answer_that_could_not_be_kept_is_given_and_the_payment_found_again(shop: Shop) -> None:
    idempotency = shop.application.idempotency
    keys: Any = Failing(idempotency.keys, "keep", UnavailableError("Not now."))
    forgetful = evolve(shop.application, idempotency=evolve(idempotency, keys=keys))
    async with serving(forgetful, shop.ada.login.token.reveal()) as client:
        first = await pay(client)

    too_early = await pay(shop.client)
    shop.clock.advance(LEASE)
    again = await pay(shop.client)

    assert [response.status_code for response in (first, too_early, again)] == [201, 409, 201]
    assert again.json() == first.json()
    assert await charged(shop) == ["19.99"]


async def test_a_request_whose_owner_seems_dead_is_taken_over_and_charged_once() -> None:
    doors = [Door(asyncio.Event(), asyncio.Event()) for _ in range(2)]
    doors[1].opened.set()
    waiting = iter(doors)

    async def wait(seconds: float) -> None:
        await next(waiting).wait(seconds)

    async with open_shop(sleep=wait) as shop, asyncio.TaskGroup() as tasks:
        stopped = tasks.create_task(pay(shop.client, SLOW))
        await doors[0].reached.wait()
        shop.clock.advance(LEASE)

        taken_over = await pay(shop.client, SLOW)
        doors[0].opened.set()
        late = await stopped

        assert (taken_over.status_code, late.status_code) == (201, 201)
        assert late.json() == taken_over.json()
        assert (await pay(shop.client, SLOW)).content == taken_over.content
        assert await charged(shop) == ["19.99"]
