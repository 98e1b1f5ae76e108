"""How a payment can be refused."""

from typing import ClassVar

from ..kernel import (
    BusinessRuleError,
    Category,
    ConflictError,
    ExternalServiceError,
    InternalError,
    NotFoundError,
    OutcomeUnknownError,
    QuaysideError,
)
from .ids import AccountId, PaymentId, RefundId, TransferId


class PaymentNotFoundError(NotFoundError):
    """There is no such payment, or none that the caller may see."""

    def __init__(self, payment_id: PaymentId, *, hidden: bool = False) -> None:
        super().__init__("There is no such payment.", hidden=hidden, payment_id=payment_id)


class InvalidStateTransitionError(BusinessRuleError):
    """The payment's state does not allow this."""

    code = "invalid_state_transition"

    def __init__(self, payment_id: PaymentId, status: str, wanted: str) -> None:
        super().__init__(f"A payment that is {status} cannot become {wanted}.", payment_id=payment_id)


class CaptureExceedsAuthorizationError(BusinessRuleError):
    """More was to be captured than is held."""

    code = "capture_exceeds_authorization"

    def __init__(self, payment_id: PaymentId) -> None:
        super().__init__("More was to be captured than is authorized.", payment_id=payment_id)


class CaptureNotPositiveError(BusinessRuleError):
    """Nothing, or less than nothing, was to be captured."""

    code = "capture_not_positive"

    def __init__(self, payment_id: PaymentId) -> None:
        super().__init__("A capture must be of more than nothing.", payment_id=payment_id)


class RefundExceedsCaptureError(BusinessRuleError):
    """More was to be given back than was captured and is not given back yet."""

    code = "refund_exceeds_capture"

    def __init__(self, payment_id: PaymentId) -> None:
        super().__init__("More was to be refunded than was captured.", payment_id=payment_id)


class RefundNotPositiveError(BusinessRuleError):
    """Nothing, or less than nothing, was to be given back."""

    code = "refund_not_positive"

    def __init__(self, payment_id: PaymentId) -> None:
        super().__init__("A refund must be of more than nothing.", payment_id=payment_id)


class PaymentBusyError(ConflictError):
    """The gateway owes an answer about the payment, or a person has to look at it first."""

    def __init__(self, payment_id: PaymentId) -> None:
        super().__init__("Something else is under way with the payment.", payment_id=payment_id)


class PaymentNotFlaggedError(ConflictError):
    """The payment needs nobody's attention."""

    def __init__(self, payment_id: PaymentId) -> None:
        super().__init__("The payment needs nobody's attention.", payment_id=payment_id)


class RefundNotFoundError(NotFoundError):
    """There is no such refund."""

    def __init__(self, refund_id: RefundId) -> None:
        super().__init__("There is no such refund.", refund_id=refund_id)


class CardDeclinedError(QuaysideError):
    """
    The gateway refused the card.

    Args:
        payment_id: What it was to pay, if it was to: kept as ``Failed``, or as it was where a hold was to be captured.
    """

    code = "card_declined"
    category: ClassVar[Category] = Category.PAYMENT_DECLINED

    def __init__(self, decline_code: str, payment_id: PaymentId | None = None) -> None:
        paid = {} if payment_id is None else {"payment_id": payment_id}
        super().__init__("The card was declined.", decline_code=decline_code, **paid)


class PaymentNotChargedError(ExternalServiceError):
    """The gateway could not be reached and surely charged nothing; the payment is kept as ``Failed``."""

    def __init__(self, payment_id: PaymentId) -> None:
        super().__init__(
            "The payment gateway could not be reached. Nothing was charged.", payment_id=payment_id
        )


class GatewayUnreachableError(ExternalServiceError):
    """The gateway could not be reached, and surely did nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__("The payment gateway could not be reached.")
        self.add_note(reason)


class GatewayOutcomeUnknownError(OutcomeUnknownError):
    """The gateway was asked, and its answer did not arrive: it may or may not have done it."""

    def __init__(self, reason: str) -> None:
        super().__init__("The payment gateway's answer is not known.")
        self.add_note(reason)


class GatewayRejectedError(InternalError):
    """The gateway refused the request itself: a mistake of ours, such as one key for two different requests."""

    def __init__(self, reason: str) -> None:
        super().__init__("The payment gateway did not accept the request.")
        self.add_note(reason)


class BatchTimeoutError(QuaysideError):
    """The time of a batch was up before this part of it was done."""

    code = "timeout"
    category: ClassVar[Category] = Category.TIMEOUT

    def __init__(self, *, was_begun: bool) -> None:
        super().__init__(
            "The time of the batch was up. It was begun, and what became of it is not known yet."
            if was_begun
            else "The time of the batch was up before this was begun."
        )


class UnbalancedEntryError(InternalError):
    """An entry of the journal would not balance, or moves nothing."""

    def __init__(self) -> None:
        super().__init__(
            "An entry's postings are of one currency, none is of nothing, and together they are zero."
        )


class AccountNotFoundError(NotFoundError):
    """There is no such account."""

    def __init__(self, account_id: AccountId) -> None:
        super().__init__("There is no such account.", account_id=account_id)


class TransferNotPositiveError(BusinessRuleError):
    """Nothing, or less than nothing, was to be moved."""

    def __init__(self) -> None:
        super().__init__("A transfer must be of more than nothing.")


class TransferToItselfError(BusinessRuleError):
    """Money was to be moved from an account to the same."""

    def __init__(self) -> None:
        super().__init__("A transfer is between two accounts.")


class TransferIdReusedError(BusinessRuleError):
    """Another transfer is known by that id."""

    def __init__(self, transfer_id: TransferId) -> None:
        super().__init__("Another transfer is known by that id.", transfer_id=transfer_id)
