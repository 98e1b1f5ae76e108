"""Which payments somebody looks for, and what many of them come to."""

from datetime import datetime

from attrs import frozen

from ..kernel import CustomerId, DateRange, Money, UserId
from .entities import Payment, PaymentStatus
from .ids import PaymentId


@frozen(kw_only=True)
class PaymentFilter:
    """
    Which payments to list; what is None does not narrow. One that is deleted is never wanted.

    Args:
        customer_ids: Of any of these customers.
        created: When they were created.
    """

    status: PaymentStatus | None = None
    customer_id: CustomerId | None = None
    customer_ids: frozenset[CustomerId] | None = None
    created_by: UserId | None = None
    created: DateRange | None = None
    needs_attention: bool | None = None
    card_last4: str | None = None

    def lets_through(self, payment: Payment) -> bool:
        """Whether *payment* is among the wanted."""
        return (
            payment.deleted_at is None
            and self.status in (None, payment.status)
            and self.customer_id in (None, payment.customer_id)
            and (self.customer_ids is None or payment.customer_id in self.customer_ids)
            and self.created_by in (None, payment.created_by)
            and self.needs_attention in (None, payment.needs_attention)
            and self.card_last4 in (None, payment.card_last4)
            and (self.created is None or payment.created_at in self.created)
        )


@frozen
class PaymentBacklog:
    """
    What is not over yet.

    Args:
        unsettled: Payments that await the gateway, and no person.
        since: Since when the one of them has that waits longest.
        flagged: Payments that need a person.
    """

    unsettled: int
    since: datetime | None
    flagged: int


@frozen
class PaymentTotal:
    """
    What payments of one status and currency come to.

    Args:
        count: How many there are.
        amount: What was asked for.
    """

    status: PaymentStatus
    count: int
    amount: Money
    captured: Money
    refunded: Money


@frozen(order=True)
class OpenPayment:
    """
    A payment that awaits the gateway, and no person.

    Args:
        since: Since when it has.
    """

    since: datetime
    id: PaymentId
