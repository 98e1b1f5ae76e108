"""What can happen to a payment. Amounts and references only: no card, no person, no text of the caller's."""

from datetime import datetime

from attrs import frozen

from ..eventlog import Event
from ..kernel import CustomerId, Money
from .attempts import GatewayStep
from .cards import CardBrand
from .ids import AccountId, CardId, PaymentId, RefundId, TransferId


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


@frozen
class PaymentCaptureRequested(Event):
    """What is held, or part of it, is to be taken; the gateway is asked under *key* next."""

    payment_id: PaymentId
    key: str
    amount: Money
    at: datetime


@frozen
class PaymentCaptureDeclined(Event):
    """The gateway refused to take what it holds; the hold stands."""

    payment_id: PaymentId
    key: str
    code: str
    at: datetime


@frozen
class PaymentVoidRequested(Event):
    """The hold is to be released; the gateway is asked under *key* next."""

    payment_id: PaymentId
    key: str
    at: datetime


@frozen
class RefundRequested(Event):
    """Part of what was captured is to be given back; the gateway is asked under *key* next."""

    payment_id: PaymentId
    refund_id: RefundId
    key: str
    amount: Money
    at: datetime


@frozen
class RefundSucceeded(Event):
    """It was given back."""

    payment_id: PaymentId
    refund_id: RefundId
    amount: Money
    at: datetime


@frozen
class RefundFailed(Event):
    """The gateway refused to give it back."""

    payment_id: PaymentId
    refund_id: RefundId
    code: str
    at: datetime


@frozen
class PaymentFlagged(Event):
    """The gateway's answer to a step cannot be right, or it takes none: a person has to look at it."""

    payment_id: PaymentId
    step: GatewayStep
    at: datetime


@frozen
class PaymentAttentionResolved(Event):
    """A person has looked at it; what is still open is settled."""

    payment_id: PaymentId
    at: datetime


@frozen
class PaymentDeleted(Event):
    """It is shown to nobody any more; the record stays."""

    payment_id: PaymentId
    at: datetime


@frozen
class CardRegistered(Event):
    """A card was exchanged for the gateway's token, and can be paid with."""

    card_id: CardId
    customer_id: CustomerId
    brand: CardBrand
    at: datetime


@frozen
class AccountOpened(Event):
    """Money can be kept on it."""

    account_id: AccountId
    currency: str
    may_be_overdrawn: bool
    at: datetime


@frozen
class MoneySent(Event):
    """Money was moved from this account to another."""

    account_id: AccountId
    to_account_id: AccountId
    transfer_id: TransferId
    amount: Money
    at: datetime


@frozen
class MoneyReceived(Event):
    """Money was moved to this account: the other side of a `MoneySent`."""

    account_id: AccountId
    from_account_id: AccountId
    transfer_id: TransferId
    amount: Money
    at: datetime


EVENTS: tuple[type[Event], ...] = (
    PaymentReceived,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentCancelled,
    PaymentOutcomeUnknown,
    PaymentCaptureRequested,
    PaymentCaptureDeclined,
    PaymentVoidRequested,
    RefundRequested,
    RefundSucceeded,
    RefundFailed,
    PaymentFlagged,
    PaymentAttentionResolved,
    PaymentDeleted,
    CardRegistered,
    AccountOpened,
    MoneySent,
    MoneyReceived,
)
"""Every event of this context, for the registry."""
