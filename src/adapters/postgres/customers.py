"""Customers in PostgreSQL, encrypted."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from typing import Any

import msgspec
from attrs import frozen

from ...core.customers import (
    PERSONAL,
    Customer,
    CustomerFilter,
    CustomerNotFoundError,
    same_email,
)
from ...core.eventlog import Event, EventLog, Recorder
from ...core.kernel import (
    CustomerId,
    FieldCipher,
    FieldPlace,
    Page,
    PageRequest,
    Slice,
    SliceRequest,
    UserId,
)
from .connection import Connection, Lend
from .field_rotation import SealedTable
from .pages import page_of, slice_of
from .queries import named_queries

_SQL = named_queries("customers")
_TABLE = "customer"


class _Personal(msgspec.Struct):
    email: str
    first_name: str
    last_name: str
    phone_number: str | None
    date_of_birth: date


@frozen
class PostgresCustomerRepository:
    """Rows of ``customer``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _log: EventLog
    _recorder: Recorder
    _cipher: FieldCipher

    async def get(self, customer_id: CustomerId) -> Customer:
        return await _get(self._connection, self._cipher, customer_id)

    async def save(self, customer: Customer, *events: Event) -> None:
        # The append's compare-and-set is the optimistic lock of the row, too.
        customer.version = await self._log.append(customer.stream, self._recorder(events), customer.version)
        await self._connection.execute(_SQL["save"], _to_row(customer, self._cipher))

    async def erase(self, customer: Customer, *events: Event) -> None:
        customer.version = await self._log.append(customer.stream, self._recorder(events), customer.version)
        parameters = {"id": customer.id, "version": customer.version, "at": customer.updated_at}
        await self._connection.execute(_SQL["erase"], parameters)


@frozen
class PostgresCustomerQueries:
    """Rows of ``customer`` as they are committed."""

    _lend: Lend
    _cipher: FieldCipher

    async def get(self, customer_id: CustomerId) -> Customer:
        async with self._lend() as connection:
            return await _get(connection, self._cipher, customer_id)

    async def list(self, wanted: CustomerFilter, page: PageRequest) -> Page[Customer]:
        return await page_of(self._lend, _SQL["list"], _narrowing(wanted), page, self._opened)

    async def list_after(self, wanted: CustomerFilter, place: SliceRequest) -> Slice[Customer]:
        return await slice_of(self._lend, _SQL["list_after"], _narrowing(wanted), place, self._opened)

    async def ids_by_email(self, email: str, created_by: UserId | None) -> Collection[CustomerId]:
        parameters = {"hashes": list(_email_hashes(email, self._cipher)), "created_by": created_by}
        async with self._lend() as connection:
            rows = await (await connection.execute(_SQL["ids_by_email"], parameters)).fetchall()
        return [CustomerId(row["id"]) for row in rows]

    def _opened(self, row: Mapping[str, Any]) -> Customer:
        return _to_customer(row, self._cipher)


def sealed_customers(cipher: FieldCipher) -> SealedTable:
    """What of customers is encrypted."""
    return SealedTable(
        _TABLE,
        ("personal",),
        count_outdated=_SQL["count_outdated"],
        lock_outdated=_SQL["lock_outdated"],
        replace=_SQL["replace"],
        hashes=partial(_hashes_of, cipher),
    )


async def _get(connection: Connection, cipher: FieldCipher, customer_id: CustomerId) -> Customer:
    row = await (await connection.execute(_SQL["get"], {"id": customer_id})).fetchone()
    if row is None:
        raise CustomerNotFoundError(customer_id)
    return _to_customer(row, cipher)


def _narrowing(wanted: CustomerFilter) -> dict[str, object]:
    return {
        "created_by": wanted.created_by,
        "created_from": wanted.created.start if wanted.created else None,
        "created_before": wanted.created.end if wanted.created else None,
    }


def _to_row(customer: Customer, cipher: FieldCipher) -> Mapping[str, object]:
    personal = _Personal(**{name: getattr(customer, name) for name in PERSONAL})
    return {
        "id": customer.id,
        "version": customer.version,
        "personal": cipher.seal(msgspec.json.encode(personal), _place(customer.id)),
        "email_hash": _email_hashes(personal.email, cipher)[0],
        "created_by": customer.created_by,
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
    }


def _to_customer(row: Mapping[str, Any], cipher: FieldCipher) -> Customer:
    customer_id = CustomerId(row["id"])
    personal = msgspec.json.decode(cipher.open(row["personal"], _place(customer_id)), type=_Personal)
    return Customer(
        id=customer_id,
        version=row["version"],
        created_by=None if row["created_by"] is None else UserId(row["created_by"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        **msgspec.structs.asdict(personal),
    )


def _hashes_of(cipher: FieldCipher, plain: Mapping[str, bytes | None]) -> Mapping[str, bytes]:
    personal = msgspec.json.decode(plain["personal"] or b"", type=_Personal)
    return {"email_hash": _email_hashes(personal.email, cipher)[0]}


def _email_hashes(email: str, cipher: FieldCipher) -> tuple[bytes, ...]:
    return cipher.hashes(same_email(email).encode(), _TABLE, "email")


def _place(customer_id: CustomerId) -> FieldPlace:
    return FieldPlace(_TABLE, customer_id, "personal")
