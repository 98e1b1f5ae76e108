"""Payments: money taken from customers through a gateway."""

from .cards import CardBrand, CardDetails, CardNumber, Cvv, passes_luhn
from .entities import Payment, PaymentFailure, PaymentStatus
from .errors import (
    CaptureExceedsAuthorizationError,
    CaptureNotPositiveError,
    CardDeclinedError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnreachableError,
    InvalidStateTransitionError,
    PaymentNotChargedError,
    PaymentNotFoundError,
)
from .events import (
    EVENTS,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentReceived,
)
from .gateway import (
    Authorization,
    Captured,
    CardToken,
    Declined,
    GatewayRecord,
    PaymentGateway,
    Refunded,
    Voided,
)
from .ids import PaymentId
from .ports import Begin, PaymentFilter, PaymentQueries, PaymentRepository, Transaction
from .requests import Address, PaymentRequest
from .rules import DEFAULT_CURRENCIES, payment_form
from .use_cases import FindPayment, ListPayments, ProcessPayment

__all__ = [
    "DEFAULT_CURRENCIES",
    "EVENTS",
    "Address",
    "Authorization",
    "Begin",
    "CaptureExceedsAuthorizationError",
    "CaptureNotPositiveError",
    "Captured",
    "CardBrand",
    "CardDeclinedError",
    "CardDetails",
    "CardNumber",
    "CardToken",
    "Cvv",
    "Declined",
    "FindPayment",
    "GatewayOutcomeUnknownError",
    "GatewayRecord",
    "GatewayRejectedError",
    "GatewayUnreachableError",
    "InvalidStateTransitionError",
    "ListPayments",
    "Payment",
    "PaymentAuthorized",
    "PaymentCancelled",
    "PaymentCaptured",
    "PaymentFailed",
    "PaymentFailure",
    "PaymentFilter",
    "PaymentGateway",
    "PaymentId",
    "PaymentNotChargedError",
    "PaymentNotFoundError",
    "PaymentQueries",
    "PaymentReceived",
    "PaymentRepository",
    "PaymentRequest",
    "PaymentStatus",
    "ProcessPayment",
    "Refunded",
    "Transaction",
    "Voided",
    "passes_luhn",
    "payment_form",
]
