"""Stripe as it is composed, before a network and a gateway that fail: one net charge, whatever happens."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from builders import a_card, gbp
from builders.shop import Shop, open_shop, settings_of_a_shop
from localstripe_process import proxied_localstripe
from quayside.adapters.http.stripe import StripeGateway
from quayside.adapters.resilience import Failures, Guard, GuardedGateway, GuardTerms
from quayside.adapters.telemetry.metrics import PrometheusMetrics
from quayside.adapters.telemetry.outside_calls import OutsideCallTelemetry
from quayside.core.kernel import Backoff, Secret
from quayside.core.payments import (
    Authorization,
    Captured,
    Declined,
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    PaymentGateway,
    PaymentId,
    Refunded,
)
from quayside.core.resilience import RetryTerms
from stripe_peer import Fault, FaultProxy

pytestmark = pytest.mark.server  # a process of its own, which takes its time to start

FAULTS = [fault for fault in Fault if fault is not Fault.NONE]


@pytest.fixture
async def proxy(localstripe_url: str) -> AsyncIterator[FaultProxy]:
    """Before an emptied localstripe."""
    async with proxied_localstripe(localstripe_url) as proxy:
        yield proxy


def guarded(gateway: PaymentGateway, *, tries: int, limit_s: float = 10.0) -> GuardedGateway:
    failures = Failures(GatewayUnreachableError, GatewayOutcomeUnknownError)
    terms = GuardTerms(limit_s, RetryTerms(tries, Backoff(first_s=0.02, most_s=0.1)), circuit=None)
    observer = OutsideCallTelemetry(PrometheusMetrics().outside_calls, "gateway")
    return GuardedGateway(gateway, Guard(terms, failures, observer, chance=lambda: 0.5))


@pytest.fixture
async def stripe(proxy: FaultProxy) -> AsyncIterator[StripeGateway]:
    async with StripeGateway(Secret("sk_test_peer"), base_url=proxy.url) as stripe:
        yield stripe


async def charged(localstripe_url: str) -> list[tuple[int, str]]:
    """What localstripe itself has: the amounts and states of all charges that were not declined."""
    listed = await _all_of(localstripe_url, "/v1/payment_intents")
    return [(intent["amount"], intent["status"]) for intent in listed]


async def given_back(localstripe_url: str) -> list[int]:
    """The refunds that localstripe itself has."""
    return [refund["amount"] for refund in await _all_of(localstripe_url, "/v1/refunds")]


async def _all_of(url: str, path: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": "Bearer sk_test_peer"}) as client:
        listed: list[dict[str, Any]] = (await client.get(path, params={"limit": "100"})).json()["data"]
        return listed


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_payment_through_a_fault_at_each_step_is_charged_once(
    fault: Fault, proxy: FaultProxy, stripe: StripeGateway, localstripe_url: str
) -> None:
    gateway = guarded(stripe, tries=3)
    key = str(uuid4())

    proxy.faults = deque([fault])
    token = await gateway.tokenize(a_card())
    assert not isinstance(token, Declined)
    proxy.faults = deque([fault])
    hold = await gateway.authorize(f"{key}/authorize", token, gbp("50.00"))
    assert isinstance(hold, Authorization)
    proxy.faults = deque([fault])
    captured = await gateway.capture(f"{key}/capture", hold.id, gbp("50.00"))
    proxy.faults = deque([fault])
    refunded = await gateway.refund(f"{key}/refund", hold.id, gbp("20.00"))

    assert captured == Captured(gbp("50.00"))
    assert isinstance(refunded, Refunded)
    assert await charged(localstripe_url) == [(5_000, "succeeded")]
    assert await given_back(localstripe_url) == [2_000]


@pytest.mark.parametrize(("first", "second"), [*product([Fault.DROPPED_ANSWER, Fault.TOO_MANY], FAULTS)])
async def test_two_faults_in_a_row_charge_once_as_well(
    first: Fault, second: Fault, proxy: FaultProxy, stripe: StripeGateway, localstripe_url: str
) -> None:
    gateway = guarded(stripe, tries=3)
    token = await gateway.tokenize(a_card())
    assert not isinstance(token, Declined)

    proxy.faults = deque([first, second])
    hold = await gateway.authorize(str(uuid4()), token, gbp("50.00"))

    assert isinstance(hold, Authorization)
    assert await charged(localstripe_url) == [(5_000, "requires_capture")]


@pytest.mark.parametrize("fault", [Fault.DROPPED_ANSWER, Fault.CUT_ANSWER, Fault.BROKEN_AFTER])
async def test_what_stays_unknown_is_found_by_looking_it_up(
    fault: Fault, proxy: FaultProxy, stripe: StripeGateway
) -> None:
    gateway = guarded(stripe, tries=2)
    token = await gateway.tokenize(a_card())
    assert not isinstance(token, Declined)
    key = str(uuid4())

    proxy.faults = deque([fault, fault])
    with pytest.raises(GatewayOutcomeUnknownError):
        await gateway.authorize(key, token, gbp("50.00"))
    record = await gateway.look_up(key)

    assert record is not None
    assert isinstance(record.outcome, Authorization)


async def test_a_lost_answer_before_too_many_requests_is_not_taken_for_nothing_done(
    proxy: FaultProxy, stripe: StripeGateway
) -> None:
    gateway = guarded(stripe, tries=2)
    token = await gateway.tokenize(a_card())
    assert not isinstance(token, Declined)

    proxy.faults = deque([Fault.DROPPED_ANSWER, Fault.TOO_MANY])
    with pytest.raises(GatewayOutcomeUnknownError):
        await gateway.authorize(str(uuid4()), token, gbp("50.00"))


async def test_a_slow_answer_is_given_up_and_asked_for_again_under_the_same_key(
    proxy: FaultProxy, stripe: StripeGateway, localstripe_url: str
) -> None:
    token = await stripe.tokenize(a_card())
    assert not isinstance(token, Declined)
    gateway = guarded(stripe, tries=3, limit_s=1.0)

    proxy.delay_s = 2.0
    proxy.faults = deque([Fault.DELAYED])
    hold = await gateway.authorize("the-key", token, gbp("50.00"))

    assert isinstance(hold, Authorization)
    assert len(await charged(localstripe_url)) == 1
    assert [asked.key for asked in proxy.heard if asked.path == "/v1/payment_intents"] == ["the-key"] * 2


async def settled(shop: Shop, payment_id: PaymentId) -> None:
    """Settle the payment, as soon as the circuit lets through whoever asks."""
    while True:
        try:
            await shop.application.payments.settle_payment(payment_id, grace_is_over=True)
        except GatewayUnreachableError:
            await asyncio.sleep(0.5)
        else:
            return


async def test_what_the_service_tells_of_its_payments_is_what_was_charged(
    proxy: FaultProxy, localstripe_url: str
) -> None:
    chance = Random(7)  # noqa: S311
    settings = settings_of_a_shop(gateway="stripe", stripe_api_key="sk_test_peer", stripe_url=proxy.url)
    async with open_shop(settings) as shop:
        proxy.faults = deque(chance.choice([Fault.NONE, Fault.NONE, *FAULTS]) for _ in range(100))
        for _ in range(4):
            await asyncio.gather(*(shop.pay(capture=chance.random() < 0.8) for _ in range(5)))
        proxy.faults.clear()
        shop.clock.advance(timedelta(hours=1))
        payments = (await shop.payments(page_size=100)).json()["data"]
        for payment in payments:
            await settled(shop, PaymentId(UUID(payment["id"])))
        payments = (await shop.payments(page_size=100)).json()["data"]

    states = Counter(payment["status"] for payment in payments)
    assert set(states) <= {"Completed", "Processing", "Failed"}
    assert states["Completed"] > 5
    at_stripe = Counter(status for _, status in await charged(localstripe_url))
    assert at_stripe["succeeded"] == states["Completed"]
    assert at_stripe["requires_capture"] == states["Processing"]


async def test_a_request_is_answered_in_time_even_if_the_gateway_never_is(proxy: FaultProxy) -> None:
    slow = {"gateway": "stripe", "stripe_api_key": "sk_test_peer", "request_timeout_s": 2}
    async with open_shop(settings_of_a_shop(**slow, stripe_url=proxy.url)) as shop:
        proxy.delay_s = 4.0
        proxy.faults = deque([Fault.DELAYED, Fault.NONE, *[Fault.DELAYED] * 5])

        response = await shop.pay()

    # Not 504: no attempt is begun that the request could not see through.
    assert (response.status_code, response.json()["status"]) == (202, "Pending")
