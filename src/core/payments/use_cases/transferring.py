"""Moving money between accounts that we keep."""

from attrs import frozen

from ...kernel import Clock, ConcurrencyConflictError, Money
from ..accounts import Account
from ..errors import TransferIdReusedError
from ..ids import AccountId, TransferId
from ..journal import transferred
from ..ports import Begin


@frozen
class OpenAccount:
    """Keep money for somebody from now on."""

    begin: Begin
    clock: Clock

    async def __call__(
        self, account_id: AccountId, currency: str, *, may_be_overdrawn: bool = False
    ) -> Account:
        """
        Args:
            account_id: What it is to be known by.
            currency: ISO 4217 alphabetic code.
            may_be_overdrawn: Whether more may be sent than is on it: one of our own, from which others are filled.

        Raises:
            UnknownCurrencyError.
            ConcurrencyConflictError: there is one of that id.
        """
        account = Account(
            id=account_id,
            balance=Money.from_minor(0, currency),
            may_be_overdrawn=may_be_overdrawn,
            created_at=self.clock(),
        )
        async with self.begin() as tx:
            await tx.accounts.save(account, account.opened())
        return account


@frozen
class TransferMoney:
    """Move money from one account to another: as a whole, and no more than there is, however many do so at once."""

    begin: Begin
    clock: Clock

    async def __call__(
        self, source_id: AccountId, destination_id: AccountId, amount: Money, *, transfer_id: TransferId
    ) -> None:
        """
        Args:
            transfer_id: What this is known by. Asked for under it once more, it is done once.

        Raises:
            AccountNotFoundError.
            InsufficientBalanceError: less is on the source, and it may not be overdrawn.
            CurrencyMismatchError: the amount, or one of the accounts, is in another currency.
            TransferNotPositiveError, TransferToItselfError.
            TransferIdReusedError: another transfer is known by that id.
        """
        while True:
            try:
                return await self._move(source_id, destination_id, amount, transfer_id)
            except ConcurrencyConflictError:
                continue

    async def _move(
        self, source_id: AccountId, destination_id: AccountId, amount: Money, transfer_id: TransferId
    ) -> None:
        async with self.begin() as tx:
            source, destination = await tx.accounts.lock(source_id, destination_id)
            if done := await tx.accounts.transfer(transfer_id):
                if done.postings != transferred(source_id, destination_id, amount):
                    raise TransferIdReusedError(transfer_id)
                return
            sent = source.send(amount, destination, transfer_id, at=self.clock())
            await tx.accounts.save(source, sent)
            await tx.accounts.save(destination, destination.receive(sent))
