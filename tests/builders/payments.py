"""Payments, saying only what the test is about."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from quayside.core.kernel import CustomerId, Money
from quayside.core.payments import (
    Address,
    CardBrand,
    CardDetails,
    CardNumber,
    Cvv,
    Payment,
    PaymentId,
    PaymentReceived,
    PaymentRequest,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
A_CUSTOMER = CustomerId(UUID("01900000-0000-7000-8000-0000000c0571"))

APPROVED = "4242424242424242"
DECLINED = "4000000000000002"
UNREACHABLE = "4000000000000119"
ANSWER_LOST = "4000000000000507"
SLOW = "4000000000000606"
CAPTURE_DECLINED = "4000000000000705"
CARDS = (APPROVED, DECLINED, UNREACHABLE, ANSWER_LOST, SLOW, CAPTURE_DECLINED)

_serial = count(1)


def a_card(number: str = APPROVED, **changes: Any) -> CardDetails:
    """A card that is valid at `NOON`."""
    values: dict[str, Any] = {
        "card_number": CardNumber(number),
        "expiry_month": 12,
        "expiry_year": 2030,
        "cvv": Cvv("123"),
        "cardholder_name": "Ada Lovelace",
    }
    return CardDetails(**values | changes)


def an_address(**changes: Any) -> Address:
    """A valid address."""
    values = {
        "house_number": "12",
        "address_line1": "St James's Square",
        "city": "London",
        "postcode": "SW1Y 4JH",
    }
    return Address(**values | changes)


def a_payment_request(**changes: Any) -> PaymentRequest:
    """A payment of 19.99 GBP by a card that approves."""
    values: dict[str, Any] = {
        "amount": "19.99",
        "currency": "GBP",
        "card_id": "my-visa",
        "customer_id": A_CUSTOMER,
        "address_details": an_address(),
        "paying_card_details": a_card(),
    }
    return PaymentRequest(**values | changes)


def a_payment(amount: Money | None = None, **changes: Any) -> tuple[Payment, PaymentReceived]:
    """A payment that was just received, and the event that says so; each has an id greater than the one before."""
    values: dict[str, Any] = {
        "id": PaymentId(UUID(int=(0x0190_0000_0000_7000_8000 << 48) + next(_serial))),
        "amount": amount or Money.of("19.99", "GBP"),
        "customer_id": A_CUSTOMER,
        "card_id": "my-visa",
        "card_last4": "4242",
        "card_brand": CardBrand.VISA,
        "created_at": NOON,
    }
    payment = Payment(**values | changes)
    return payment, payment.received()
