"""POST /webhooks/stripe."""

import hmac
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from attrs import define
from httpx import Response

from builders.payments import ANSWER_LOST
from builders.shop import PAYMENTS, Shop, open_shop, settings_of_a_shop
from quayside.core.kernel import Secret

OLD_SECRET, NEW_SECRET = "whsec_the_old_one_of_two", "whsec_the_new_one_of_two"


@define
class Stripe:
    """Sends events to the shop, as Stripe does. Its payments are the sandbox's."""

    shop: Shop

    async def sends(
        self,
        about: str,
        *,
        event_id: str = "evt_1",
        secret: str = NEW_SECRET,
        seconds_ago: int = 0,
        step: str = "authorize",
    ) -> Response:
        thing = {"object": "payment_intent", "metadata": {"quayside_key": f"{about}/{step}"}}
        event = {"id": event_id, "type": "payment_intent.succeeded", "data": {"object": thing}}
        body = json.dumps(event, indent=2).encode()
        return await self.sends_body(body, self.signed(body, secret, seconds_ago))

    async def sends_body(self, body: bytes, signature: str | None) -> Response:
        headers = {b"Content-Type": b"application/json; charset=utf-8"}
        if signature is not None:
            headers[b"Stripe-Signature"] = signature.encode("latin-1")
        return await self.shop.visitor().post("/webhooks/stripe", content=body, headers=headers)

    def signed(self, body: bytes, secret: str = NEW_SECRET, seconds_ago: int = 0) -> str:
        signed_at = int(self.shop.clock().timestamp()) - seconds_ago
        digest = hmac.new(secret.encode(), b"%d.%b" % (signed_at, body), sha256).hexdigest()
        return f"t={signed_at},v1={digest},v0=of_another_scheme"


@pytest.fixture
async def stripe() -> AsyncIterator[Stripe]:
    secrets = f"{OLD_SECRET},{NEW_SECRET}"
    async with open_shop(settings_of_a_shop(stripe_webhook_secrets=secrets)) as shop:
        yield Stripe(shop)


async def a_lost_payment(shop: Shop) -> str:
    """A payment whose gateway's answer was lost."""
    response = await shop.pay(ANSWER_LOST)
    assert response.status_code == 202
    payment_id: str = response.json()["id"]
    return payment_id


async def status_of(shop: Shop, payment_id: str) -> Any:
    return (await shop.client.get(f"{PAYMENTS}/{payment_id}")).json()["status"]


def is_refused(response: Response) -> bool:
    error = response.json().get("error", {})
    return response.status_code == 400 and error.get("code") == "invalid_signature"


@pytest.mark.parametrize("secret", [OLD_SECRET, NEW_SECRET])
@pytest.mark.parametrize("step", ["authorize", "capture", "refund/0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a78"])
async def test_an_event_settles_the_payment_it_names(stripe: Stripe, secret: str, step: str) -> None:
    payment_id = await a_lost_payment(stripe.shop)

    response = await stripe.sends(payment_id, secret=secret, step=step)

    assert response.status_code == 200
    assert await status_of(stripe.shop, payment_id) == "Completed"


async def test_each_event_counts_once(stripe: Stripe) -> None:
    first, second = await a_lost_payment(stripe.shop), await a_lost_payment(stripe.shop)

    await stripe.sends(first, event_id="evt_1")
    again = await stripe.sends(second, event_id="evt_1")

    assert again.status_code == 200
    assert await status_of(stripe.shop, second) == "Pending"


async def test_many_events_about_one_payment_in_any_order_charge_it_once(stripe: Stripe) -> None:
    payment_id = await a_lost_payment(stripe.shop)

    for number in range(3):
        response = await stripe.sends(payment_id, event_id=f"evt_{number}")
        assert response.status_code == 200

    payment = (await stripe.shop.client.get(f"{PAYMENTS}/{payment_id}")).json()
    assert payment["captured_amount"] == payment["amount"]


async def test_an_event_about_nothing_of_ours_is_taken(stripe: Stripe) -> None:
    assert (await stripe.sends(str(uuid4()))).status_code == 200
    assert (await stripe.sends("somebody_elses_order", event_id="evt_2")).status_code == 200


@pytest.mark.parametrize(
    ("seconds_ago", "is_taken"), [(300, True), (301, False), (-300, True), (-301, False)]
)
async def test_an_event_is_good_for_300_seconds(stripe: Stripe, seconds_ago: int, is_taken: bool) -> None:  # noqa: FBT001
    response = await stripe.sends(str(uuid4()), seconds_ago=seconds_ago)

    assert (response.status_code == 200) == is_taken
    assert is_refused(response) != is_taken


async def test_a_secret_that_is_not_live_signs_nothing(stripe: Stripe) -> None:
    payment_id = await a_lost_payment(stripe.shop)

    assert is_refused(await stripe.sends(payment_id, secret="whsec_of_somebody_else"))
    assert await status_of(stripe.shop, payment_id) == "Pending"


async def test_the_signature_is_over_the_body_to_the_byte(stripe: Stripe) -> None:
    body = b'{"id": "evt_1", "data": {"object": {}}}'
    signature = stripe.signed(body)

    assert is_refused(await stripe.sends_body(body.replace(b": ", b":"), signature))
    assert (await stripe.sends_body(body, signature)).status_code == 200


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "t=",
        "v1=abc",
        "t=1,v1=",
        "t=²,v1=a",
        "t=1,t=2,v1=a",
        "t=1e3,v1=a",
        "t=9999999999999,v1=a",
        "nonsense",
    ],
)
async def test_what_is_not_signed_is_refused(stripe: Stripe, signature: str | None) -> None:
    assert is_refused(await stripe.sends_body(b"{}", signature))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nothing",
        b'{"id": "evt_1"}',
        b'{"id": "evt_1", "data": {"object": []}}',
        b'{"id": 1, "data": {"object": {}}}',
        b'{"id": "", "data": {"object": {}}}',
        b'{"id": "evt_\\u0000", "data": {"object": {}}}',
        b'{"id": "evt_\\ud800", "data": {"object": {}}}',
        b"[" * 5_000,
    ],
)
async def test_what_is_signed_and_no_event_is_refused(stripe: Stripe, body: bytes) -> None:
    assert is_refused(await stripe.sends_body(body, stripe.signed(body)))


async def test_without_a_secret_every_event_is_refused(shop: Shop) -> None:
    assert is_refused(await Stripe(shop).sends(str(uuid4())))


async def test_the_secrets_do_not_show(stripe: Stripe) -> None:
    assert NEW_SECRET not in repr(Secret(NEW_SECRET)) + repr(stripe.shop.application.payments.receive_notice)
