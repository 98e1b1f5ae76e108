"""What tests are about, ready made: each builder takes only what the test cares about."""

from .business import Business
from .money import eur, gbp, jpy, kwd, usd
from .payments import (
    A_CUSTOMER,
    ANSWER_LOST,
    APPROVED,
    CAPTURE_DECLINED,
    DECLINED,
    NOON,
    SLOW,
    UNREACHABLE,
    a_card,
    a_payment,
    a_payment_request,
    an_address,
)

__all__ = [
    "ANSWER_LOST",
    "APPROVED",
    "A_CUSTOMER",
    "CAPTURE_DECLINED",
    "DECLINED",
    "NOON",
    "SLOW",
    "UNREACHABLE",
    "Business",
    "a_card",
    "a_payment",
    "a_payment_request",
    "an_address",
    "eur",
    "gbp",
    "jpy",
    "kwd",
    "usd",
]
