"""A payment, and the only ways in which it changes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import define, field, frozen

from ..eventlog import Event, StreamId
from ..kernel import CustomerId, Money, UserId
from .attempts import Attempt, GatewayStep, authorization_key, release_key
from .cards import CardBrand
from .errors import (
    CaptureExceedsAuthorizationError,
    CaptureNotPositiveError,
    InvalidStateTransitionError,
    PaymentBusyError,
    RefundExceedsCaptureError,
    RefundNotPositiveError,
)
from .events import (
    PaymentAttentionResolved,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentCaptureDeclined,
    PaymentCaptureRequested,
    PaymentDeleted,
    PaymentFailed,
    PaymentFlagged,
    PaymentOutcomeUnknown,
    PaymentReceived,
    PaymentVoidRequested,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
)
from .ids import PaymentId, RefundId
from .refunds import Refund


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
        attempts: What the gateway is asked for and has not answered yet, as far as is recorded; the oldest first.
        refusal: Why the gateway refused the last capture.
        ended_by: The key under which a hold was captured or released.
        processed_at: When the state became final.
        deleted_at: Since when it is shown to nobody.
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
    attempts: tuple[Attempt, ...] = field()
    failure: PaymentFailure | None = None
    refusal: PaymentFailure | None = None
    ended_by: str | None = None
    needs_attention: bool = False
    processed_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int = 0

    @captured.default
    @refunded.default
    def _nothing(self) -> Money:
        return Money.from_minor(0, self.amount.currency)

    @attempts.default
    def _authorization(self) -> tuple[Attempt, ...]:
        return (Attempt(authorization_key(self.id), GatewayStep.AUTHORIZE, self.amount, self.created_at),)

    @property
    def stream(self) -> StreamId:
        """Where its events are."""
        return StreamId("payment", self.id)

    @property
    def awaits_since(self) -> datetime | None:
        """Since when the gateway has owed an answer; None if it owes none."""
        return min((attempt.at for attempt in self.attempts), default=None)

    @property
    def awaits_gateway(self) -> bool:
        """Whether something was asked of the gateway whose outcome is not recorded."""
        return bool(self.attempts)

    @property
    def is_open(self) -> bool:
        """Whether there is something to be settled that does not need a person."""
        return self.awaits_gateway and not self.needs_attention

    @property
    def refunding(self) -> Money:
        """What is about to be given back."""
        asked = (attempt.amount for attempt in self.attempts if attempt.step is GatewayStep.REFUND)
        return Money.sum(asked, self.amount.currency)

    def attempt(self, key: str) -> Attempt | None:
        """What is asked of the gateway under *key*; None where it has answered."""
        return next((attempt for attempt in self.attempts if attempt.key == key), None)

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
        capture = Attempt(f"{self.id}/capture", GatewayStep.CAPTURE, self.amount, at)
        self.attempts = (capture,) if self.captures_at_once else ()
        return PaymentAuthorized(self.id, self.amount, authorization_id, at)

    def ask_to_capture(self, amount: Money | None, *, key: str, at: datetime) -> PaymentCaptureRequested:
        """
        Have *amount* taken out of the hold, or all of it; the rest is released.

        Raises:
            PaymentBusyError: it is `PENDING`, or something else is under way.
            InvalidStateTransitionError: its state is final.
            CaptureNotPositiveError, CaptureExceedsAuthorizationError, CurrencyMismatchError.
        """
        self._require_hold(PaymentStatus.COMPLETED)
        amount = self._capturable(self.amount if amount is None else amount)
        self.attempts = (Attempt(key, GatewayStep.CAPTURE, amount, at),)
        self.refusal = None
        return PaymentCaptureRequested(self.id, key, amount, at)

    def ask_to_void(self, *, key: str, at: datetime) -> PaymentVoidRequested:
        """
        Have the hold released.

        Raises:
            PaymentBusyError: it is `PENDING`, or something else is under way.
            InvalidStateTransitionError: its state is final.
        """
        self._require_hold(PaymentStatus.CANCELLED)
        self.refusal = None
        return self._ask_to_void(key, at)

    def ask_to_refund(self, refund: Refund, *, key: str) -> RefundRequested:
        """
        Have part of what was captured given back.

        Raises:
            InvalidStateTransitionError: nothing was captured.
            PaymentBusyError: a person has to look at it first.
            RefundNotPositiveError, RefundExceedsCaptureError, CurrencyMismatchError.
        """
        if self.status is not PaymentStatus.COMPLETED:
            raise InvalidStateTransitionError(self.id, self.status, "refunded")
        if self.needs_attention:
            raise PaymentBusyError(self.id)
        if not self.refundable.minor or refund.amount > self.refundable:
            raise RefundExceedsCaptureError(self.id)
        if refund.amount.minor <= 0:
            raise RefundNotPositiveError(self.id)
        attempt = Attempt(key, GatewayStep.REFUND, refund.amount, refund.created_at, refund.id)
        self.attempts = (*self.attempts, attempt)
        return RefundRequested(self.id, refund.id, key, refund.amount, refund.created_at)

    @property
    def refundable(self) -> Money:
        """What was captured and is neither given back nor about to be."""
        return self.captured - self.refunded - self.refunding

    def capture(self, amount: Money, *, at: datetime) -> PaymentCaptured:
        """
        Raises:
            InvalidStateTransitionError: it is not `PROCESSING`.
            CaptureNotPositiveError, CaptureExceedsAuthorizationError, CurrencyMismatchError.
        """
        self._end(PaymentStatus.COMPLETED, self._capturable(amount), at)
        return PaymentCaptured(self.id, amount, at)

    def decline_capture(
        self, attempt: Attempt, refusal: PaymentFailure, *, at: datetime
    ) -> tuple[Event, ...]:
        """Keep why the gateway refused; what was to be captured at once is to be released, and fails then."""
        self._answered(attempt)
        self.refusal = refusal
        declined = PaymentCaptureDeclined(self.id, attempt.key, refusal.code, at)
        if not self.captures_at_once:
            return (declined,)
        return (declined, self._ask_to_void(release_key(self.id), at))

    def release(self, *, at: datetime) -> "PaymentCancelled | PaymentFailed":
        """
        Tell that the hold is released: on request, or because its capture was refused.

        Raises:
            InvalidStateTransitionError: it is not `PROCESSING`.
        """
        return self.fail(self.refusal, at=at) if self.refusal else self.cancel(at=at)

    def fail(self, failure: PaymentFailure, *, at: datetime) -> PaymentFailed:
        """
        Raises:
            InvalidStateTransitionError: its state is final.
        """
        self._end(PaymentStatus.FAILED, self.captured, at)
        self.failure = failure
        return PaymentFailed(self.id, failure.code, at)

    def cancel(self, *, at: datetime) -> PaymentCancelled:
        """
        Raises:
            InvalidStateTransitionError: it is not `PROCESSING`.
        """
        self._end(PaymentStatus.CANCELLED, self.captured, at)
        return PaymentCancelled(self.id, at)

    def refund(self, attempt: Attempt, *, at: datetime) -> RefundSucceeded:
        """Tell that what *attempt* asked for was given back."""
        self.refunded += attempt.amount
        return RefundSucceeded(self.id, self._refund_of(attempt), attempt.amount, at)

    def decline_refund(self, attempt: Attempt, code: str, *, at: datetime) -> RefundFailed:
        """Tell that what *attempt* asked for was not given back."""
        return RefundFailed(self.id, self._refund_of(attempt), code, at)

    def lose_answer(self, attempt: Attempt, *, at: datetime) -> PaymentOutcomeUnknown:
        """Tell that *attempt* was made, and that nobody knows what the gateway did."""
        return PaymentOutcomeUnknown(self.id, attempt.step, at)

    def flag(self, attempt: Attempt, *, at: datetime) -> PaymentFlagged:
        """Leave *attempt* to a person: everything stays as it is."""
        self.needs_attention = True
        return PaymentFlagged(self.id, attempt.step, at)

    def give_to_person(self, *, at: datetime) -> PaymentFlagged:
        """Leave to a person what cannot be undone: everything stays as it is."""
        back = GatewayStep.REFUND if self.status is PaymentStatus.COMPLETED else GatewayStep.VOID
        self.needs_attention = True
        return PaymentFlagged(self.id, self.attempts[0].step if self.attempts else back, at)

    def resolve_attention(self, *, at: datetime) -> PaymentAttentionResolved:
        """Tell that a person has looked at it."""
        self.needs_attention = False
        return PaymentAttentionResolved(self.id, at)

    def delete(self, *, at: datetime) -> PaymentDeleted:
        """
        Raises:
            InvalidStateTransitionError: its state is not final.
            PaymentBusyError: a refund is under way.
        """
        if _NEXT[self.status]:
            raise InvalidStateTransitionError(self.id, self.status, "deleted")
        if self.awaits_gateway or self.needs_attention:
            raise PaymentBusyError(self.id)
        self.deleted_at = at
        return PaymentDeleted(self.id, at)

    def _require_hold(self, wanted: PaymentStatus) -> None:
        if not _NEXT[self.status]:
            raise InvalidStateTransitionError(self.id, self.status, wanted)
        if self.awaits_gateway or self.needs_attention:
            raise PaymentBusyError(self.id)

    def _capturable(self, amount: Money) -> Money:
        if amount.minor <= 0:
            raise CaptureNotPositiveError(self.id)
        if amount > self.amount:
            raise CaptureExceedsAuthorizationError(self.id)
        return amount

    def _ask_to_void(self, key: str, at: datetime) -> PaymentVoidRequested:
        self.attempts = (Attempt(key, GatewayStep.VOID, self.amount, at),)
        return PaymentVoidRequested(self.id, key, at)

    def _refund_of(self, attempt: Attempt) -> RefundId:
        assert attempt.refund_id is not None
        self._answered(attempt)
        return attempt.refund_id

    def _answered(self, attempt: Attempt) -> None:
        self.attempts = tuple(each for each in self.attempts if each != attempt)

    def _end(self, status: PaymentStatus, captured: Money, at: datetime) -> None:
        self._become(status)
        self.captured = captured
        self.ended_by = self.attempts[0].key if self.attempts else None
        self.attempts = ()
        self.processed_at = at

    def _become(self, status: PaymentStatus) -> None:
        if status not in _NEXT[self.status]:
            raise InvalidStateTransitionError(self.id, self.status, status)
        self.status = status
