"""Accounts that money is kept on, and moved between."""

from datetime import datetime

from attrs import define

from ..eventlog import StreamId
from ..kernel import Money
from ..kernel.validation import minimum_balance
from .errors import TransferNotPositiveError, TransferToItselfError
from .events import AccountOpened, MoneyReceived, MoneySent
from .ids import AccountId, TransferId
from .journal import name_of_account


@define(eq=False, kw_only=True)
class Account:
    """
    Money that we owe somebody, such as store credit; all of one currency.

    Args:
        balance: What is on it, which is what the journal has of it.
        may_be_overdrawn: Whether more may be sent than is on it: one of our own, from which others are filled.
        version: Saves so far; 0 means never stored.
    """

    id: AccountId
    balance: Money
    may_be_overdrawn: bool = False
    created_at: datetime
    version: int = 0

    @property
    def stream(self) -> StreamId:
        """Where its events are."""
        return StreamId("account", self.id)

    @property
    def name(self) -> str:
        """What it is called in the journal."""
        return name_of_account(self.id)

    def opened(self) -> AccountOpened:
        """Tell that it is there; the first event of its stream."""
        return AccountOpened(self.id, self.balance.currency, self.may_be_overdrawn, self.created_at)

    def send(self, amount: Money, to: "Account", transfer_id: TransferId, *, at: datetime) -> MoneySent:
        """
        Raises:
            TransferNotPositiveError, TransferToItselfError, CurrencyMismatchError.
            InsufficientBalanceError: less is on it, and it may not be overdrawn.
        """
        if amount.minor <= 0:
            raise TransferNotPositiveError
        if to.id == self.id:
            raise TransferToItselfError
        if not self.may_be_overdrawn:
            minimum_balance(amount)(self.balance)
        self.balance -= amount
        return MoneySent(self.id, to.id, transfer_id, amount, at)

    def receive(self, sent: MoneySent) -> MoneyReceived:
        """
        Raises:
            CurrencyMismatchError.
        """
        self.balance += sent.amount
        return MoneyReceived(self.id, sent.account_id, sent.transfer_id, sent.amount, sent.at)
