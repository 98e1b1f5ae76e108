"""What was asked of the gateway, and is not answered yet as far as is recorded."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from ..kernel import Money
from .ids import PaymentId, RefundId


class GatewayStep(StrEnum):
    """What a gateway is asked for."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@frozen
class Attempt:
    """
    A step that the gateway is asked for, recorded before it is; its outcome takes it away.

    Args:
        key: The idempotency key that the gateway is asked under, however often.
        amount: What is to be held, taken or given back; the whole hold where it is to be released.
        refund_id: Which refund it is about, if it is about one.
    """

    key: str
    step: GatewayStep
    amount: Money
    at: datetime
    refund_id: RefundId | None = None


def authorization_key(payment_id: PaymentId) -> str:
    """The idempotency key of a payment's authorization, under which the gateway knows all that became of it."""
    return f"{payment_id}/authorize"


def release_key(payment_id: PaymentId) -> str:
    """The idempotency key under which a payment's hold is released because nothing is to be captured of it."""
    return f"{payment_id}/void"
