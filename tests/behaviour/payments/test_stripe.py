"""How Stripe's answers are taken, by a peer that gives them as a test wants."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from builders import a_card, gbp
from quayside.adapters.http.stripe import StripeGateway
from quayside.adapters.http.stripe.amounts import from_stripe, to_stripe
from quayside.core.kernel import Money, Secret
from quayside.core.payments import (
    Authorization,
    CardToken,
    Declined,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnreachableError,
    Refunded,
    Voided,
)
from stripe_peer import DROP, Asked, FaultProxy, Told, fault_proxy

A_TOKEN = CardToken("pm_1")
API_KEY = "sk_test_51QuaysideSecretKey"


@define(eq=False)
class Script:
    """What the peer answers, by method and path; to all else with 500."""

    answers: dict[tuple[str, str], Told] = field(factory=dict)

    async def answer(self, asked: Asked) -> Told:
        return self.answers.get((asked.method, asked.path), Told(500, {}))


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def peer(script: Script) -> AsyncIterator[FaultProxy]:
    async with fault_proxy(script.answer) as peer:
        yield peer


@pytest.fixture
async def stripe(peer: FaultProxy) -> AsyncIterator[StripeGateway]:
    async with StripeGateway(Secret(API_KEY), base_url=peer.url, timeout_s=2) as stripe:
        yield stripe


def an_intent(**changes: Any) -> dict[str, Any]:
    intent = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 5_000,
        "amount_received": 0,
        "currency": "gbp",
        "status": "requires_capture",
        "last_payment_error": None,
        "metadata": {},
    }
    return intent | changes


def an_error(kind: str, code: str = "", **more: object) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": "For a person.", **more}}


async def test_a_hold_is_asked_for_by_one_request_under_the_key_and_a_pinned_version(
    stripe: StripeGateway, script: Script, peer: FaultProxy
) -> None:
    script.answers["POST", "/v1/payment_intents"] = Told(200, an_intent())

    hold = await stripe.authorize("the-key", A_TOKEN, gbp("50.00"))

    assert hold == Authorization("pi_1", gbp("50.00"))
    (asked,) = peer.heard
    assert asked.headers["idempotency-key"] == "the-key"
    assert asked.headers["stripe-version"] == "2024-06-20"
    assert asked.headers["authorization"] == f"Bearer {API_KEY}"
    assert asked.form["amount"] == "5000"
    assert asked.form["capture_method"] == "manual"
    assert asked.form["metadata[quayside_key]"] == "the-key"


async def test_the_amount_told_is_the_one_that_stripe_echoes(stripe: StripeGateway, script: Script) -> None:
    script.answers["POST", "/v1/payment_intents"] = Told(200, an_intent(amount=4_999, currency="usd"))

    hold = await stripe.authorize("the-key", A_TOKEN, gbp("50.00"))

    assert hold == Authorization("pi_1", Money.of("49.99", "USD"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (an_error("card_error", "card_declined", decline_code="insufficient_funds"), "insufficient_funds"),
        (an_error("card_error", "expired_card"), "expired_card"),
        (an_error("card_error", "authentication_required"), "authentication_required"),
    ],
)
async def test_an_error_of_the_card_is_a_refusal(
    stripe: StripeGateway, script: Script, error: dict[str, Any], code: str
) -> None:
    script.answers["POST", "/v1/payment_intents"] = Told(402, error)

    assert await stripe.authorize("the-key", A_TOKEN, gbp("50.00")) == Declined(code, "For a person.")


async def test_a_card_that_is_not_even_kept_is_refused(stripe: StripeGateway, script: Script) -> None:
    script.answers["POST", "/v1/payment_methods"] = Told(402, an_error("card_error", "incorrect_number"))

    assert await stripe.tokenize(a_card()) == Declined("incorrect_number", "For a person.")


async def test_a_card_that_is_paid_with_again_belongs_to_a_customer(
    stripe: StripeGateway, script: Script, peer: FaultProxy
) -> None:
    script.answers["POST", "/v1/payment_methods"] = Told(200, {"id": "pm_1"})
    script.answers["POST", "/v1/customers"] = Told(200, {"id": "cus_1"})
    script.answers["POST", "/v1/payment_intents"] = Told(200, an_intent())

    token = await stripe.tokenize(a_card(), is_kept=True)
    assert not isinstance(token, Declined)
    await stripe.authorize("the-key", token, gbp("50.00"))

    form = peer.heard[-1].form
    assert (form["customer"], form["payment_method"]) == ("cus_1", "pm_1")


NOTHING_DONE = GatewayUnreachableError
NOBODY_KNOWS = GatewayOutcomeUnknownError
OUR_MISTAKE = GatewayRejectedError


@pytest.mark.parametrize(
    ("told", "failure"),
    [
        (Told(400, an_error("invalid_request_error", "parameter_unknown")), OUR_MISTAKE),
        (Told(400, an_error("idempotency_error")), OUR_MISTAKE),
        (Told(404, an_error("invalid_request_error", "resource_missing")), OUR_MISTAKE),
        (Told(401, an_error("invalid_request_error")), NOTHING_DONE),
        (Told(403, an_error("invalid_request_error")), NOTHING_DONE),
        (Told(429, an_error("invalid_request_error", "lock_timeout")), NOTHING_DONE),
        (Told(429, an_error("invalid_request_error", "rate_limit")), NOTHING_DONE),
        (Told(409, an_error("idempotency_error", "idempotency_key_in_use")), NOBODY_KNOWS),
        (Told(424, an_error("api_error")), NOBODY_KNOWS),
        (Told(500, an_error("api_error")), NOBODY_KNOWS),
        (Told(503, "no error of Stripe's"), NOBODY_KNOWS),
        (Told(302, {}), NOBODY_KNOWS),
        (Told(200, "not an object"), NOBODY_KNOWS),
        (Told(200, {}), NOBODY_KNOWS),
        (Told(200, an_intent(status="processing")), NOBODY_KNOWS),
        (Told(200, an_intent(currency="???")), NOBODY_KNOWS),
        (Told(402, {}), NOBODY_KNOWS),
        (DROP, NOBODY_KNOWS),
    ],
)
async def test_what_a_failure_says_of_the_money(
    stripe: StripeGateway, script: Script, told: Told, failure: type[Exception]
) -> None:
    script.answers["POST", "/v1/payment_intents"] = told

    with pytest.raises(failure):
        await stripe.authorize("the-key", A_TOKEN, gbp("50.00"))


async def test_a_gateway_that_there_is_no_way_to_surely_did_nothing() -> None:
    async with fault_proxy(Script().answer) as gone:
        pass

    async with StripeGateway(Secret(API_KEY), base_url=gone.url) as stripe:
        with pytest.raises(GatewayUnreachableError):
            await stripe.authorize("the-key", A_TOKEN, gbp("50.00"))
        with pytest.raises(GatewayUnreachableError):
            await stripe.health()


@pytest.mark.parametrize("told", [Told(500, {}), DROP, Told(409, {})])
async def test_what_moves_no_money_and_is_not_answered_did_nothing(
    stripe: StripeGateway, script: Script, told: Told
) -> None:
    script.answers["POST", "/v1/payment_methods"] = told
    script.answers["GET", "/v1/payment_intents"] = told

    with pytest.raises(GatewayUnreachableError):
        await stripe.tokenize(a_card())
    with pytest.raises(GatewayUnreachableError):
        await stripe.health()


UNEXPECTED = Told(400, an_error("invalid_request_error", "payment_intent_unexpected_state"))


async def test_a_hold_that_was_released_before_is_released(stripe: StripeGateway, script: Script) -> None:
    script.answers["POST", "/v1/payment_intents/pi_1/cancel"] = UNEXPECTED
    script.answers["GET", "/v1/payment_intents/pi_1"] = Told(200, an_intent(status="canceled"))

    assert await stripe.void("another-key", "pi_1") == Voided()


async def test_a_capture_is_known_again_when_stripe_has_forgotten_its_key(
    stripe: StripeGateway, script: Script
) -> None:
    metadata = {"quayside_capture_key": "the-key"}
    intent = an_intent(status="succeeded", amount_received=5_000, metadata=metadata)
    script.answers["POST", "/v1/payment_intents/pi_1/capture"] = UNEXPECTED
    script.answers["GET", "/v1/payment_intents/pi_1"] = Told(200, intent)

    assert not isinstance(await stripe.capture("the-key", "pi_1", gbp("50.00")), Declined)
    assert isinstance(await stripe.capture("another-key", "pi_1", gbp("50.00")), Declined)


async def test_a_refund_is_known_again_when_stripe_has_forgotten_its_key(
    stripe: StripeGateway, script: Script, peer: FaultProxy
) -> None:
    script.answers["GET", "/v1/payment_intents/pi_1"] = Told(200, an_intent(amount_received=5_000))
    known = {"id": "re_1", "amount": 2_000, "currency": "gbp", "status": "succeeded"}
    page = {"data": [known | {"metadata": {"quayside_key": "the-key"}}], "has_more": False}
    script.answers["GET", "/v1/refunds"] = Told(200, page)

    again = await stripe.refund("the-key", "pi_1", gbp("20.00"))

    assert again == Refunded("re_1", gbp("20.00"))
    assert {asked.method for asked in peer.heard} == {"GET"}
    with pytest.raises(GatewayRejectedError):
        await stripe.refund("the-key", "pi_1", gbp("20.01"))


async def test_a_refund_beyond_what_was_captured_is_refused_whatever_stripe_calls_it(
    stripe: StripeGateway, script: Script
) -> None:
    intent = an_intent(status="succeeded", amount_received=5_000)
    script.answers["GET", "/v1/payment_intents/pi_1"] = Told(200, intent)
    script.answers["GET", "/v1/refunds"] = Told(200, {"data": [], "has_more": False})
    script.answers["POST", "/v1/refunds"] = Told(400, an_error("invalid_request_error"))

    assert isinstance(await stripe.refund("the-key", "pi_1", gbp("50.01")), Declined)
    with pytest.raises(GatewayRejectedError):
        await stripe.refund("the-key", "pi_1", gbp("50.00"))


@pytest.mark.parametrize(
    ("probe", "is_known"),
    [
        (Told(400, an_error("invalid_request_error", "parameter_missing")), False),
        (Told(400, an_error("idempotency_error")), True),
        (Told(409, an_error("idempotency_error", "idempotency_key_in_use")), True),
    ],
)
async def test_what_the_search_does_not_find_yet_is_not_taken_for_never_arrived(
    stripe: StripeGateway,
    script: Script,
    probe: Told,
    is_known: bool,  # noqa: FBT001
) -> None:
    script.answers["GET", "/v1/payment_intents/search"] = Told(200, {"data": []})
    script.answers["POST", "/v1/payment_intents"] = probe

    if is_known:
        with pytest.raises(GatewayOutcomeUnknownError):
            await stripe.look_up("the-key")
    else:
        assert await stripe.look_up("the-key") is None


async def test_neither_key_nor_card_is_told_to_the_log(
    stripe: StripeGateway, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with pytest.raises(GatewayUnreachableError) as raised:
        await stripe.tokenize(a_card())

    for secret in (API_KEY, "4242424242424242"):
        assert secret not in caplog.text
        assert secret not in repr(raised.value) + str(raised.value.__cause__) + repr(stripe)


@pytest.mark.parametrize(
    ("amount", "currency", "count"),
    [
        ("50.00", "GBP", 5_000),
        ("500", "JPY", 500),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("5.25", "HUF", 525),
        ("8.45", "TWD", 845),
        ("12", "MGA", 12),
        ("12.50", "MGA", None),
        ("5.120", "KWD", 5_120),
        ("5.125", "KWD", None),
    ],
)
def test_stripe_counts_in_its_own_units(amount: str, currency: str, count: int | None) -> None:
    assert to_stripe(Money.of(amount, currency)) == count


@pytest.mark.parametrize("currency", ["ISK", "UGX"])
def test_a_fraction_of_what_has_none_is_no_amount(currency: str) -> None:
    assert from_stripe(550, currency.lower()) is None


@given(
    st.integers(0, 10**9),
    st.sampled_from(["GBP", "JPY", "ISK", "UGX", "HUF", "TWD", "MGA", "KWD", "BHD", "XOF"]),
)
def test_what_stripe_takes_comes_back_as_it_was(minor: int, currency: str) -> None:
    amount = Money.from_minor(minor, currency)
    count = to_stripe(amount)

    assert count is None or from_stripe(count, currency.lower()) == amount


async def test_an_amount_that_stripe_would_round_is_refused_before_it_is_asked(
    stripe: StripeGateway, peer: FaultProxy
) -> None:
    answer = await stripe.authorize("the-key", A_TOKEN, Money.of("5.125", "KWD"))

    assert isinstance(answer, Declined)
    assert peer.heard == []
