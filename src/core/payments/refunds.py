"""A refund: part of what was captured, given back."""

from datetime import datetime
from enum import StrEnum

from attrs import define

from ..kernel import Money
from .ids import PaymentId, RefundId


class RefundStatus(StrEnum):
    """Where a refund stands. The last two are final."""

    PENDING = "Pending"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@define(eq=False, kw_only=True)
class Refund:
    """
    One refund of one payment, which holds the bounds and changes it.

    Args:
        reason: The caller's own words.
    """

    id: RefundId
    payment_id: PaymentId
    amount: Money
    created_at: datetime
    reason: str | None = None
    status: RefundStatus = RefundStatus.PENDING
