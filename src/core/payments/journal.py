"""The books: every movement of money, as a balanced entry of a journal."""

from datetime import datetime
from enum import StrEnum

from attrs import Attribute, field, frozen

from ..eventlog import EventEnvelope, EventId
from ..kernel import Money
from .errors import UnbalancedEntryError
from .events import PaymentCaptured, RefundSucceeded
from .ids import PaymentId


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
    if len(currencies) != 1 or not all(amounts) or sum(amounts):
        raise UnbalancedEntryError


@frozen(kw_only=True)
class JournalEntry:
    """
    What one event moved: its postings are of one currency, none is of nothing, and together they are zero.

    Args:
        event_id: The event that moved the money; there is one entry of each at most.
        at: When it was moved.
        payment_id: The payment that it was moved by.

    Raises:
        UnbalancedEntryError: the postings are anything else.
    """

    event_id: EventId
    at: datetime
    postings: tuple[Posting, ...] = field(validator=_check_balanced)
    payment_id: PaymentId | None = None

    def balance(self, account: str) -> int:
        """By how many minor units more the account is debited than credited."""
        return sum(posting.amount.minor for posting in self.postings if posting.account == account)


def moved(amount: Money, *, debit: str, credit: str) -> tuple[Posting, Posting]:
    """The postings that move *amount*."""
    return Posting(debit, amount), Posting(credit, -amount)


def entry_of(envelope: EventEnvelope) -> JournalEntry | None:
    """What the event moved; None where it moved nothing. What is only held has not been moved."""
    match envelope.event:
        case PaymentCaptured(payment_id, amount, at):
            postings = moved(
                amount, debit=PaymentAccount.GATEWAY_RECEIVABLE, credit=PaymentAccount.CONTRACT_LIABILITIES
            )
        case RefundSucceeded(payment_id, _, amount, at):
            postings = moved(amount, debit=PaymentAccount.REFUNDS, credit=PaymentAccount.GATEWAY_RECEIVABLE)
        case _:
            return None
    return JournalEntry(event_id=envelope.id, at=at, postings=postings, payment_id=payment_id)
