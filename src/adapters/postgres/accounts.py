"""Accounts in PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ...core.eventlog import Event, Recorder
from ...core.kernel import Money
from ...core.payments import Account, AccountId, AccountNotFoundError, JournalEntry, TransferId
from .connection import Connection
from .event_log import PostgresEventLog
from .journal import Booking, PostgresJournal
from .queries import named_queries

_SQL = named_queries("accounts")
_SAVE = Booking.of(_SQL["save"])


@frozen
class PostgresAccountRepository:
    """Rows of ``account``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _log: PostgresEventLog
    _recorder: Recorder
    _journal: PostgresJournal

    async def get(self, account_id: AccountId) -> Account:
        row = await (await self._connection.execute(_SQL["get"], {"id": account_id})).fetchone()
        if row is None:
            raise AccountNotFoundError(account_id)
        return _to_account(row)

    async def lock(self, *account_ids: AccountId) -> tuple[Account, ...]:
        cursor = await self._connection.execute(_SQL["lock"], {"ids": list(account_ids)})
        locked = {row["id"]: row for row in await cursor.fetchall()}
        for account_id in account_ids:
            if account_id not in locked:
                raise AccountNotFoundError(account_id)
        return tuple(_to_account(locked[account_id]) for account_id in account_ids)

    async def transfer(self, transfer_id: TransferId) -> JournalEntry | None:
        return await self._journal.transfer(transfer_id)

    async def save(self, account: Account, *events: Event) -> None:
        envelopes = self._recorder(events)
        account.version = await self._log.append(
            account.stream, envelopes, account.version, _SAVE.rows(_to_row(account), envelopes)
        )


def _to_row(account: Account) -> Mapping[str, object]:
    return {
        "id": account.id,
        "currency": account.balance.currency,
        "balance_minor": account.balance.minor,
        "may_be_overdrawn": account.may_be_overdrawn,
        "created_at": account.created_at,
    }


def _to_account(row: Mapping[str, Any]) -> Account:
    return Account(
        id=AccountId(row["id"]),
        version=row["version"],
        balance=Money.from_minor(row["balance_minor"], row["currency"]),
        may_be_overdrawn=row["may_be_overdrawn"],
        created_at=row["created_at"],
    )
