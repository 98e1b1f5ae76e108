"""The rules of one payment."""

import pytest

from builders import NOON, a_payment, eur, gbp
from quayside.core.kernel import CurrencyMismatchError
from quayside.core.payments import (
    CaptureExceedsAuthorizationError,
    CaptureNotPositiveError,
    InvalidStateTransitionError,
    Payment,
    PaymentCaptured,
    PaymentFailure,
    PaymentStatus,
)

FAILURE = PaymentFailure("expired_card", "The card has expired.")


def authorized() -> Payment:
    payment, _ = a_payment(gbp("50.00"))
    payment.authorize("auth_1", at=NOON)
    return payment


def test_a_new_payment_is_pending_and_awaits_the_gateway() -> None:
    payment, received = a_payment(gbp("50.00"))

    assert payment.status is PaymentStatus.PENDING
    assert payment.awaits_gateway
    assert received.amount == gbp("50.00")
    assert payment.captured == payment.refunded == gbp("0.00")


def test_a_hold_that_is_not_to_be_captured_at_once_awaits_nobody() -> None:
    payment, _ = a_payment(captures_at_once=False)

    payment.authorize("auth_1", at=NOON)

    assert not payment.awaits_gateway


def test_a_part_of_the_hold_can_be_captured() -> None:
    payment = authorized()

    captured = payment.capture(gbp("20.00"), at=NOON)

    assert captured == PaymentCaptured(payment.id, gbp("20.00"), NOON)
    assert payment.status is PaymentStatus.COMPLETED
    assert payment.captured == gbp("20.00")
    assert payment.processed_at == NOON


def test_more_than_the_hold_cannot_be_captured() -> None:
    payment = authorized()

    with pytest.raises(CaptureExceedsAuthorizationError):
        payment.capture(gbp("50.01"), at=NOON)

    assert payment.status is PaymentStatus.PROCESSING


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_a_capture_takes_more_than_nothing(amount: str) -> None:
    payment = authorized()

    with pytest.raises(CaptureNotPositiveError):
        payment.capture(gbp(amount), at=NOON)


def test_a_capture_is_in_the_currency_of_the_hold() -> None:
    payment = authorized()

    with pytest.raises(CurrencyMismatchError):
        payment.capture(eur("1.00"), at=NOON)


def test_a_payment_that_was_not_authorized_cannot_be_captured_or_cancelled() -> None:
    payment, _ = a_payment()

    with pytest.raises(InvalidStateTransitionError):
        payment.capture(payment.amount, at=NOON)
    with pytest.raises(InvalidStateTransitionError):
        payment.cancel(at=NOON)


def test_a_refusal_says_which_change_was_refused() -> None:
    payment = authorized()
    payment.cancel(at=NOON)

    with pytest.raises(InvalidStateTransitionError, match="Cancelled cannot become Failed"):
        payment.fail(FAILURE, at=NOON)
