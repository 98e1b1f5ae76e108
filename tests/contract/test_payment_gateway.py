"""What every payment gateway adapter does (`core.payments.PaymentGateway`)."""

import asyncio
from uuid import uuid4

import pytest

from builders import ANSWER_LOST, DECLINED, UNREACHABLE, a_card, gbp, usd
from quayside.core.payments import (
    Authorization,
    Captured,
    CardDetails,
    CardToken,
    Declined,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnreachableError,
    PaymentGateway,
    Refunded,
    Voided,
)


@pytest.fixture
def gateway(every_gateway: PaymentGateway) -> PaymentGateway:
    """A payment gateway that knows nothing yet."""
    return every_gateway


@pytest.fixture
def key() -> str:
    """The idempotency key of this test's authorization; unknown to every gateway before."""
    return str(uuid4())


async def a_token(gateway: PaymentGateway, card: CardDetails) -> CardToken:
    token = await gateway.tokenize(card)
    assert not isinstance(token, Declined)
    return token


async def a_hold(gateway: PaymentGateway, key: str, amount: str = "50.00") -> str:
    authorized = await gateway.authorize(key, await a_token(gateway, a_card()), gbp(amount))
    assert isinstance(authorized, Authorization)
    return authorized.id


async def test_an_authorization_holds_the_amount_asked_for(gateway: PaymentGateway, key: str) -> None:
    token = await a_token(gateway, a_card())

    authorized = await gateway.authorize(key, token, gbp("50.00"))

    assert isinstance(authorized, Authorization)
    assert authorized.amount == gbp("50.00")


async def test_a_token_does_not_contain_the_card_number(gateway: PaymentGateway) -> None:
    token = await a_token(gateway, a_card())

    assert "4242" not in token


async def test_the_same_key_authorizes_once_and_answers_alike(gateway: PaymentGateway, key: str) -> None:
    token = await a_token(gateway, a_card())

    racing = (gateway.authorize(key, token, gbp("50.00")) for _ in range(5))
    answers = await asyncio.gather(*racing, return_exceptions=True)
    again = await gateway.authorize(key, token, gbp("50.00"))

    # A gateway may not be able to tell while it is at it.
    assert {answer for answer in answers if not isinstance(answer, GatewayOutcomeUnknownError)} == {again}


async def test_the_same_key_for_another_amount_is_rejected(gateway: PaymentGateway, key: str) -> None:
    token = await a_token(gateway, a_card())
    await gateway.authorize(key, token, gbp("50.00"))

    with pytest.raises(GatewayRejectedError):
        await gateway.authorize(key, token, gbp("50.01"))


async def test_a_declined_card_holds_nothing_and_says_why(gateway: PaymentGateway, key: str) -> None:
    answer = await gateway.authorize(key, await a_token(gateway, a_card(DECLINED)), gbp("50.00"))

    assert isinstance(answer, Declined)
    assert answer.code == "generic_decline"


async def test_a_capture_takes_the_held_money_once(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)

    first = await gateway.capture(f"{key}/capture-1", hold, gbp("50.00"))
    again = await gateway.capture(f"{key}/capture-1", hold, gbp("50.00"))
    another = await gateway.capture(f"{key}/capture-2", hold, gbp("50.00"))

    assert first == again == Captured(gbp("50.00"))
    assert isinstance(another, Declined)


async def test_racing_captures_take_the_money_once(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)

    answers = await asyncio.gather(
        *(gateway.capture(f"{key}/capture-{n}", hold, gbp("50.00")) for n in range(5))
    )

    assert sum(isinstance(answer, Captured) for answer in answers) == 1


async def test_a_partial_capture_releases_the_rest(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)

    captured = await gateway.capture(f"{key}/capture-1", hold, gbp("20.00"))
    rest = await gateway.capture(f"{key}/capture-2", hold, gbp("30.00"))

    assert captured == Captured(gbp("20.00"))
    assert isinstance(rest, Declined)


@pytest.mark.parametrize("amount", ["50.01", "0.00"])
async def test_a_capture_outside_the_hold_is_declined(gateway: PaymentGateway, key: str, amount: str) -> None:
    hold = await a_hold(gateway, key)

    assert isinstance(await gateway.capture(f"{key}/capture-1", hold, gbp(amount)), Declined)


async def test_a_capture_in_another_currency_is_rejected(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)

    with pytest.raises(GatewayRejectedError):
        await gateway.capture(f"{key}/capture-1", hold, usd("50.00"))


async def test_a_voided_hold_cannot_be_captured(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)

    assert await gateway.void(f"{key}/void-1", hold) == Voided()
    assert isinstance(await gateway.capture(f"{key}/capture-1", hold, gbp("50.00")), Declined)


async def test_a_captured_hold_cannot_be_voided(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)
    await gateway.capture(f"{key}/capture-1", hold, gbp("50.00"))

    assert isinstance(await gateway.void(f"{key}/void-1", hold), Declined)


async def test_refunds_never_exceed_what_was_captured(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)
    await gateway.capture(f"{key}/capture-1", hold, gbp("50.00"))

    answers = await asyncio.gather(
        *(gateway.refund(f"{key}/refund-{n}", hold, gbp("20.00")) for n in range(4))
    )

    assert sum(isinstance(answer, Refunded) for answer in answers) == 2


async def test_the_same_key_refunds_once(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)
    await gateway.capture(f"{key}/capture-1", hold, gbp("50.00"))

    first = await gateway.refund(f"{key}/refund-1", hold, gbp("20.00"))
    again = await gateway.refund(f"{key}/refund-1", hold, gbp("20.00"))
    record = await gateway.look_up(key)

    assert first == again
    assert record is not None
    assert record.refunded == gbp("20.00")


async def test_nothing_captured_is_nothing_to_refund(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)

    assert isinstance(await gateway.refund(f"{key}/refund-1", hold, gbp("0.01")), Declined)


async def test_one_key_for_two_operations_is_rejected(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)
    await gateway.capture(f"{key}/same", hold, gbp("50.00"))

    with pytest.raises(GatewayRejectedError):
        await gateway.refund(f"{key}/same", hold, gbp("50.00"))


async def test_an_unknown_authorization_is_rejected(gateway: PaymentGateway, key: str) -> None:
    with pytest.raises(GatewayRejectedError):
        await gateway.capture(f"{key}/capture-1", "auth_unknown", gbp("50.00"))


async def test_an_unreachable_gateway_did_nothing(gateway: PaymentGateway, key: str) -> None:
    token = await a_token(gateway, a_card(UNREACHABLE))

    with pytest.raises(GatewayUnreachableError):
        await gateway.authorize(key, token, gbp("50.00"))

    assert await gateway.look_up(key) is None


async def test_a_lost_answer_is_found_by_looking_it_up(gateway: PaymentGateway, key: str) -> None:
    token = await a_token(gateway, a_card(ANSWER_LOST))

    with pytest.raises(GatewayOutcomeUnknownError):
        await gateway.authorize(key, token, gbp("50.00"))
    record = await gateway.look_up(key)

    assert record is not None
    assert isinstance(record.outcome, Authorization)
    assert record.captured == gbp("0.00")


async def test_a_lost_answer_is_given_when_the_same_key_is_sent_again(
    gateway: PaymentGateway, key: str
) -> None:
    token = await a_token(gateway, a_card(ANSWER_LOST))
    with pytest.raises(GatewayOutcomeUnknownError):
        await gateway.authorize(key, token, gbp("50.00"))

    again = await gateway.authorize(key, token, gbp("50.00"))

    assert isinstance(again, Authorization)


async def test_a_look_up_tells_all_that_was_done(gateway: PaymentGateway, key: str) -> None:
    hold = await a_hold(gateway, key)
    await gateway.capture(f"{key}/capture-1", hold, gbp("40.00"))
    await gateway.refund(f"{key}/refund-1", hold, gbp("15.00"))

    record = await gateway.look_up(key)

    assert record is not None
    assert (record.captured, record.refunded, record.voided) == (gbp("40.00"), gbp("15.00"), False)


async def test_a_gateway_that_answers_is_healthy(gateway: PaymentGateway) -> None:
    await gateway.health()
