"""The books: every movement of money, as a balanced entry of a journal."""

from datetime import datetime
from enum import StrEnum

from attrs import Attribute, field, frozen

from ..eventlog import EventEnvelope, EventId
from ..kernel import Money
from .entities import PaymentStatus
from .errors import UnbalancedEntryError
from .events import MoneySent, PaymentCaptured, RefundSucceeded
from .ids import AccountId, PaymentId, TransferId


class PaymentAccount(StrEnum):
    """The accounts that payments move money between."""

    GATEWAY_RECEIVABLE = "gateway_receivable"
    """What the gateway holds for us: an asset."""
    CONTRACT_LIABILITIES = "contract_liabilities"
    """What customers have paid for, and are owed until it is delivered: a liability (IFRS 15.106)."""
    REFUNDS = "refunds"
    """What was given back: it counts against what customers have paid."""


@frozen
class Posting:
    """
    One line of an entry.

    Args:
        account: The name of an account.
        amount: More than zero: debited; less than zero: credited.
    """

    account: str
    amount: Money


def _check_balanced(
    _: "JournalEntry", __: "Attribute[tuple[Posting, ...]]", given: tuple[Posting, ...]
) -> None:
    currencies = {posting.amount.currency for posting in given}
    amounts = [posting.amount.minor for posting in given]
    if len(currencies) != 1 or 0 in amounts or sum(amounts) != 0:
        raise UnbalancedEntryError


@frozen(kw_only=True)
class JournalEntry:
    """
    What one event moved: its postings are of one currency, none is of nothing, and together they are zero.

    Args:
        event_id: The event that moved the money; there is one entry of each at most.
        at: When it was moved.
        payment_id: The payment that it was moved by, if it was one.
        transfer_id: The transfer that it was moved by, if it was one.

    Raises:
        UnbalancedEntryError: the postings are anything else.
    """

    event_id: EventId
    at: datetime
    postings: tuple[Posting, ...] = field(validator=_check_balanced)
    payment_id: PaymentId | None = None
    transfer_id: TransferId | None = None

    def balance(self, account: str) -> int:
        """By how many minor units more the account is debited than credited."""
        return sum(posting.amount.minor for posting in self.postings if posting.account == account)


def name_of_account(account_id: AccountId) -> str:
    """What an account that money is kept on is called in the journal."""
    return f"account/{account_id}"


def transferred(source_id: AccountId, destination_id: AccountId, amount: Money) -> tuple[Posting, ...]:
    """The postings of a transfer: we owe the one so much less, and the other so much more."""
    return _moved(amount, debit=name_of_account(source_id), credit=name_of_account(destination_id))


def _moved(amount: Money, *, debit: str, credit: str) -> tuple[Posting, ...]:
    return Posting(debit, amount), Posting(credit, -amount)


def entry_of(envelope: EventEnvelope) -> JournalEntry | None:
    """What the event moved; None where it moved nothing. What is only held has not been moved."""
    match envelope.event:
        case PaymentCaptured(payment_id, amount, at):
            postings = _moved(
                amount, debit=PaymentAccount.GATEWAY_RECEIVABLE, credit=PaymentAccount.CONTRACT_LIABILITIES
            )
            return JournalEntry(event_id=envelope.id, at=at, postings=postings, payment_id=payment_id)
        case RefundSucceeded(payment_id, _, amount, at):
            postings = _moved(amount, debit=PaymentAccount.REFUNDS, credit=PaymentAccount.GATEWAY_RECEIVABLE)
            return JournalEntry(event_id=envelope.id, at=at, postings=postings, payment_id=payment_id)
        case MoneySent(source_id, destination_id, transfer_id, amount, at):
            postings = transferred(source_id, destination_id, amount)
            return JournalEntry(event_id=envelope.id, at=at, postings=postings, transfer_id=transfer_id)
        case _:
            return None


@frozen
class Totals:
    """What was captured of a payment, and given back of it."""

    captured: Money
    refunded: Money

    @property
    def nothing(self) -> "Totals":
        """None of either, in the same currency."""
        zero = self.captured - self.captured
        return Totals(zero, zero)


@frozen(kw_only=True)
class BookedPayment:
    """
    A payment beside what the journal has of it, both of one moment.

    Args:
        version: The payment's; so are the status and why it failed.
        awaits_gateway: Whether something was asked of the gateway whose outcome is not recorded.
        recorded: What the payment says.
        booked: What the journal says.
    """

    id: PaymentId
    version: int
    status: PaymentStatus
    failure_code: str | None
    awaits_gateway: bool
    recorded: Totals
    booked: Totals
