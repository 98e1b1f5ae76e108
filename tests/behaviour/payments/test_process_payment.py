"""Taking a payment, through the use case on the memory adapters."""

from decimal import Decimal
from uuid import UUID

import pytest
from attrs import evolve

from builders import (
    ANSWER_LOST,
    APPROVED,
    CAPTURE_DECLINED,
    DECLINED,
    SLOW,
    UNREACHABLE,
    Business,
    a_card,
    a_payment_request,
    gbp,
)
from builders.gateways import a_deadly_gateway
from builders.saving import FailingPayments
from quayside.core.kernel import OutcomeUnknownError, QuaysideError, UnavailableError, ValidationFailedError
from quayside.core.payments import (
    CardBrand,
    CardDeclinedError,
    GatewayUnreachableError,
    PaymentId,
    PaymentNotChargedError,
    PaymentRequest,
    PaymentStatus,
)


def paid_by(number: str) -> PaymentRequest:
    return a_payment_request(paying_card_details=a_card(number))


async def test_an_approved_payment_completes(business: Business) -> None:
    payment = await business.take(a_payment_request(amount="19.99"))

    assert payment.status is PaymentStatus.COMPLETED
    assert payment.captured == gbp("19.99")
    assert (payment.card_last4, payment.card_brand) == ("4242", CardBrand.VISA)
    assert await business.story_of(payment) == ["PaymentReceived", "PaymentAuthorized", "PaymentCaptured"]


@pytest.mark.parametrize("amount", ["20", 20, Decimal(20), Decimal("20.00"), Decimal("2E+1")])
async def test_an_amount_may_be_text_a_decimal_or_an_integer(
    business: Business, amount: str | int | Decimal
) -> None:
    payment = await business.take(a_payment_request(amount=amount))

    assert payment.amount == gbp("20.00")


async def test_a_payment_that_is_not_to_be_captured_is_held(business: Business) -> None:
    payment = await business.take(a_payment_request(capture=False))

    assert payment.status is PaymentStatus.PROCESSING
    assert payment.captured == gbp("0.00")
    assert not payment.awaits_gateway


async def test_a_declined_payment_is_kept_as_failed(business: Business) -> None:
    with pytest.raises(CardDeclinedError) as refusal:
        await business.take(paid_by(DECLINED))

    [payment] = await business.payments()
    assert refusal.value.details == {"decline_code": "generic_decline", "payment_id": payment.id}
    assert payment.status is PaymentStatus.FAILED
    assert payment.failure is not None
    assert payment.failure.code == "generic_decline"
    assert await business.story_of(payment) == ["PaymentReceived", "PaymentFailed"]


async def test_a_payment_that_did_not_reach_the_gateway_is_kept_as_failed(business: Business) -> None:
    with pytest.raises(PaymentNotChargedError):
        await business.take(paid_by(UNREACHABLE))

    [payment] = await business.payments()
    assert payment.status is PaymentStatus.FAILED
    assert payment.failure is not None
    assert payment.failure.code == "external_service_error"


async def test_a_payment_whose_answer_was_lost_stays_pending(business: Business) -> None:
    payment = await business.take(paid_by(ANSWER_LOST))

    assert payment.status is PaymentStatus.PENDING
    assert payment.awaits_gateway
    assert await business.story_of(payment) == ["PaymentReceived", "PaymentOutcomeUnknown"]


async def test_a_slow_gateway_is_waited_for(business: Business) -> None:
    payment = await business.take(paid_by(SLOW))

    assert payment.status is PaymentStatus.COMPLETED


async def test_a_refused_capture_releases_the_hold_and_fails_the_payment(business: Business) -> None:
    with pytest.raises(CardDeclinedError):
        await business.take(paid_by(CAPTURE_DECLINED))

    [payment] = await business.payments()
    at_gateway = await business.gateway.look_up(f"{payment.id}/authorize")
    assert payment.status is PaymentStatus.FAILED
    assert await business.story_of(payment) == [
        "PaymentReceived",
        "PaymentAuthorized",
        "PaymentCaptureDeclined",
        "PaymentVoidRequested",
        "PaymentFailed",
    ]
    assert at_gateway is not None
    assert at_gateway.voided
    assert at_gateway.captured == gbp("0.00")


async def test_the_intent_is_recorded_before_the_gateway_is_asked(business: Business) -> None:
    seen: list[PaymentStatus] = []

    async def look() -> None:
        seen.extend([payment.status for payment in await business.payments()])

    business.while_slow = look
    await business.take(paid_by(SLOW))

    assert seen == [PaymentStatus.PENDING]


async def test_no_transaction_is_open_while_the_gateway_is_asked(business: Business) -> None:
    async def open_another() -> None:
        async with business.store.begin():
            pass

    business.while_slow = open_another

    payment = await business.take(paid_by(SLOW))

    assert payment.status is PaymentStatus.COMPLETED


async def test_a_request_that_breaks_rules_records_nothing(business: Business) -> None:
    with pytest.raises(ValidationFailedError):
        await business.take(a_payment_request(amount="0.00"))

    assert await business.payments() == ()


async def test_events_carry_no_card_and_no_person(business: Business) -> None:
    request = a_payment_request(description="for Ada", metadata={"name": "Ada"})

    payment = await business.take(request)

    told = repr(await business.store.events.read_stream(payment.stream))
    for personal in ("4242", "Ada", "London", "SW1Y", "my-visa"):
        assert personal not in told


async def test_a_payment_may_be_given_its_id(business: Business) -> None:
    payment_id = PaymentId(UUID(int=7))

    payment = await business.process_payment(a_payment_request(), payment_id=payment_id)

    assert payment.id == payment_id


@pytest.mark.parametrize(
    ("card", "broken"), [(APPROVED, "capture"), (CAPTURE_DECLINED, "void"), (CAPTURE_DECLINED, "capture")]
)
async def test_a_hold_that_can_be_neither_taken_nor_released_stays_processing(
    business: Business, card: str, broken: str
) -> None:
    away = a_deadly_gateway(business.gateway, broken, does_it=False, failure=GatewayUnreachableError)
    process_payment = evolve(business.process_payment, gateway=away)

    payment = await process_payment(paid_by(card))

    assert payment.status is PaymentStatus.PROCESSING
    assert payment.awaits_gateway
    assert (await business.story_of(payment))[-1] == "PaymentOutcomeUnknown"


@pytest.mark.parametrize("saves", [1, 2])
@pytest.mark.parametrize(
    "trouble", [UnavailableError("The database cannot answer now."), OutcomeUnknownError("?")]
)
async def test_an_outcome_that_cannot_be_recorded_is_no_error_to_try_again(
    business: Business, saves: int, trouble: QuaysideError
) -> None:
    failing = FailingPayments(business.store.committed_payments, saves, trouble)

    payment = await evolve(business.process_payment, payments=failing)(a_payment_request())

    [recorded] = await business.payments()
    assert payment.awaits_gateway
    assert (payment.status, payment.version) == (recorded.status, recorded.version)
