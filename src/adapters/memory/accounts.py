"""Accounts in memory."""

from attrs import frozen

from ...core.eventlog import Event, Recorder
from ...core.payments import Account, AccountId, AccountNotFoundError, JournalEntry, TransferId
from .event_log import MemoryEventLog
from .journal import MemoryJournal
from .rows import Rows


@frozen
class MemoryAccountRepository:
    """The rows of one transaction; of two that lock one account, the first to commit wins."""

    _rows: Rows[AccountId, Account]
    _log: MemoryEventLog
    _recorder: Recorder
    _journal: MemoryJournal

    async def get(self, account_id: AccountId) -> Account:
        try:
            return self._rows[account_id]
        except KeyError:
            raise AccountNotFoundError(account_id) from None

    async def lock(self, *account_ids: AccountId) -> tuple[Account, ...]:
        return tuple([await self.get(account_id) for account_id in account_ids])

    async def transfer(self, transfer_id: TransferId) -> JournalEntry | None:
        return self._journal.transfer(transfer_id)

    async def save(self, account: Account, *events: Event) -> None:
        envelopes = self._recorder(events)
        account.version = await self._log.append(account.stream, envelopes, account.version)
        self._rows[account.id] = account
        self._journal.post(envelopes)
