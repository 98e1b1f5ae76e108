"""What can happen to a payment. Amounts and references only: no card, no person, no text of the caller's."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from ..eventlog import Event
from ..kernel import CustomerId, Money
from .ids import PaymentId


class GatewayStep(StrEnum):
    """What a gateway is asked for."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@frozen
class PaymentReceived(Event):
    """A payment was accepted and recorded; the gateway has not been asked yet."""

    payment_id: PaymentId
    customer_id: CustomerId
    amount: Money
    at: datetime


@frozen
class PaymentAuthorized(Event):
    """The gateway holds the amount on the card."""

    payment_id: PaymentId
    amount: Money
    authorization_id: str
    at: datetime


@frozen
class PaymentCaptured(Event):
    """The held money was taken, in whole or in part; the rest of the hold is released."""

    payment_id: PaymentId
    amount: Money
    at: datetime


@frozen
class PaymentFailed(Event):
    """No money moved, and none will: declined, or the gateway could not be reached."""

    payment_id: PaymentId
    code: str
    at: datetime


@frozen
class PaymentCancelled(Event):
    """The hold was released before any of it was taken."""

    payment_id: PaymentId
    at: datetime


@frozen
class PaymentOutcomeUnknown(Event):
    """The gateway's answer to a step was lost: money may have moved. Settling the payment finds out."""

    payment_id: PaymentId
    step: GatewayStep
    at: datetime


EVENTS: tuple[type[Event], ...] = (
    PaymentReceived,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentCancelled,
    PaymentOutcomeUnknown,
)
"""Every event of this context, for the registry."""
