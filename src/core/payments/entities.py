"""A payment, and the only ways in which it changes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import define, field, frozen

from ..eventlog import StreamId
from ..kernel import CustomerId, Money, UserId
from .cards import CardBrand
from .errors import (
    CaptureExceedsAuthorizationError,
    CaptureNotPositiveError,
    InvalidStateTransitionError,
)
from .events import (
    GatewayStep,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentOutcomeUnknown,
    PaymentReceived,
)
from .ids import PaymentId


class PaymentStatus(StrEnum):
    """Where a payment stands. The last three are final."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


_NEXT: Mapping[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.PENDING: frozenset({PaymentStatus.PROCESSING, PaymentStatus.FAILED}),
    PaymentStatus.PROCESSING: frozenset(
        {PaymentStatus.COMPLETED, PaymentStatus.FAILED, PaymentStatus.CANCELLED}
    ),
    PaymentStatus.COMPLETED: frozenset(),
    PaymentStatus.FAILED: frozenset(),
    PaymentStatus.CANCELLED: frozenset(),
}


@frozen
class PaymentFailure:
    """
    Why a payment failed.

    Args:
        code: The gateway's decline code, or ``external_service_error``.
        message: For a person.
    """

    code: str
    message: str


@define(eq=False, kw_only=True)
class Payment:
    """
    One payment by one customer: what was asked for, what the gateway made of it, what was taken and given back.

    Args:
        amount: What is to be paid.
        card_id: The caller's own name for the card.
        card_last4: All that is kept of the number.
        captures_at_once: Whether an authorization is followed by a capture without being asked.
        authorization_id: The gateway's name for the hold.
        awaits_since: Since when the gateway has owed an answer that is recorded; None if it owes none.
        processed_at: When the state became final.
        version: Saves so far; 0 means never stored.
    """

    id: PaymentId
    amount: Money
    customer_id: CustomerId
    card_id: str
    card_last4: str
    card_brand: CardBrand
    created_at: datetime
    captures_at_once: bool = True
    description: str | None = None
    metadata: Mapping[str, object] = field(factory=dict)
    created_by: UserId | None = None
    status: PaymentStatus = PaymentStatus.PENDING
    captured: Money = field()
    refunded: Money = field()
    authorization_id: str | None = None
    failure: PaymentFailure | None = None
    needs_attention: bool = False
    awaits_since: datetime | None = field()
    processed_at: datetime | None = None
    version: int = 0

    @captured.default
    @refunded.default
    def _nothing(self) -> Money:
        return Money.from_minor(0, self.amount.currency)

    @awaits_since.default
    def _from_the_beginning(self) -> datetime:
        return self.created_at

    @property
    def stream(self) -> StreamId:
        """Where its events are."""
        return StreamId("payment", self.id)

    @property
    def awaits_gateway(self) -> bool:
        """Whether something was asked of the gateway whose outcome is not recorded."""
        return self.awaits_since is not None

    @property
    def is_open(self) -> bool:
        """Whether there is something to be settled that does not need a person."""
        return self.awaits_gateway and not self.needs_attention

    def is_asked_for_by(self, asked: "Payment") -> bool:
        """Whether *asked*, a payment of the same id, is this one asked for once more."""
        return all(
            getattr(self, fact) == getattr(asked, fact)
            for fact in ("amount", "customer_id", "card_id", "card_last4", "captures_at_once", "created_by")
        )

    def received(self) -> PaymentReceived:
        """Tell that the payment was accepted; the first event of its stream."""
        return PaymentReceived(self.id, self.customer_id, self.amount, self.created_at)

    def authorize(self, authorization_id: str, *, at: datetime) -> PaymentAuthorized:
        """
        Raises:
            InvalidStateTransitionError: it is not `PENDING`.
        """
        self._become(PaymentStatus.PROCESSING)
        self.authorization_id = authorization_id
        self.awaits_since = at if self.captures_at_once else None
        return PaymentAuthorized(self.id, self.amount, authorization_id, at)

    def capture(self, amount: Money, *, at: datetime) -> PaymentCaptured:
        """
        Raises:
            InvalidStateTransitionError: it is not `PROCESSING`.
            CaptureNotPositiveError, CaptureExceedsAuthorizationError, CurrencyMismatchError.
        """
        if amount.minor <= 0:
            raise CaptureNotPositiveError(self.id)
        if amount > self.amount:
            raise CaptureExceedsAuthorizationError(self.id)
        self._end(PaymentStatus.COMPLETED, at)
        self.captured = amount
        return PaymentCaptured(self.id, amount, at)

    def fail(self, failure: PaymentFailure, *, at: datetime) -> PaymentFailed:
        """
        Raises:
            InvalidStateTransitionError: its state is final.
        """
        self._end(PaymentStatus.FAILED, at)
        self.failure = failure
        return PaymentFailed(self.id, failure.code, at)

    def cancel(self, *, at: datetime) -> PaymentCancelled:
        """
        Raises:
            InvalidStateTransitionError: it is not `PROCESSING`.
        """
        self._end(PaymentStatus.CANCELLED, at)
        return PaymentCancelled(self.id, at)

    def lose_answer(self, *, at: datetime) -> PaymentOutcomeUnknown:
        """Tell that the gateway was asked for what is open now, and that nobody knows what it did."""
        is_pending = self.status is PaymentStatus.PENDING
        return PaymentOutcomeUnknown(
            self.id, GatewayStep.AUTHORIZE if is_pending else GatewayStep.CAPTURE, at
        )

    def _end(self, status: PaymentStatus, at: datetime) -> None:
        self._become(status)
        self.awaits_since = None
        self.processed_at = at

    def _become(self, status: PaymentStatus) -> None:
        if status not in _NEXT[self.status]:
            raise InvalidStateTransitionError(self.id, self.status, status)
        self.status = status
