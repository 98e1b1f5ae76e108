"""What tests are about, ready made: each builder takes only what the test cares about."""

from .accounts import HOME, PASSWORD, Accounts
from .business import Business
from .identity import a_session, a_user
from .money import eur, gbp, jpy, kwd, usd
from .payments import (
    A_CUSTOMER,
    ANSWER_LOST,
    APPROVED,
    CAPTURE_DECLINED,
    CARDS,
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
    "CARDS",
    "DECLINED",
    "HOME",
    "NOON",
    "PASSWORD",
    "SLOW",
    "UNREACHABLE",
    "Accounts",
    "Business",
    "a_card",
    "a_payment",
    "a_payment_request",
    "a_session",
    "a_user",
    "an_address",
    "eur",
    "gbp",
    "jpy",
    "kwd",
    "usd",
]
