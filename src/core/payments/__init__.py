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
    GatewayStep,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentOutcomeUnknown,
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
from .use_cases.reading import FindPayment, ListPayments
from .use_cases.settling import SettlePayment
from .use_cases.taking import ProcessPayment

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
    "GatewayStep",
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
    "PaymentOutcomeUnknown",
    "PaymentQueries",
    "PaymentReceived",
    "PaymentRepository",
    "PaymentRequest",
    "PaymentStatus",
    "ProcessPayment",
    "Refunded",
    "SettlePayment",
    "Transaction",
    "Voided",
    "passes_luhn",
    "payment_form",
]
