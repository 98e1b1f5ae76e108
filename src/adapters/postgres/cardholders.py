"""Cardholders in PostgreSQL, encrypted."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import msgspec
from attrs import frozen

from ...core.kernel import FieldCipher, FieldKeyUnknownError, FieldPlace, FieldUnreadableError
from ...core.payments import Address, Cardholder, PaymentId
from .connection import Connection, atomic
from .queries import named_queries

_SQL = named_queries("cardholders")
_FIELDS = ("name", "address")


@frozen
class PostgresCardholderRepository:
    """Rows of ``payment_cardholder``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _cipher: FieldCipher

    async def find(self, payment_id: PaymentId) -> Cardholder | None:
        cursor = await self._connection.execute(_SQL["find"], {"payment_id": payment_id})
        row = await cursor.fetchone()
        if row is None:
            return None
        plain = {
            name: None if row[name] is None else self._cipher.open(row[name], _place(payment_id, name))
            for name in _FIELDS
        }
        name, address = plain["name"], plain["address"]
        return Cardholder(
            name=None if name is None else name.decode(),
            address=None if address is None else msgspec.json.decode(address, type=Address),
        )

    async def add(self, payment_id: PaymentId, holder: Cardholder) -> None:
        plain = {
            "name": None if holder.name is None else holder.name.encode(),
            "address": None if holder.address is None else msgspec.json.encode(holder.address),
        }
        sealed = {
            name: None if value is None else self._cipher.seal(value, _place(payment_id, name))
            for name, value in plain.items()
        }
        await self._connection.execute(_SQL["add"], {"payment_id": payment_id, **sealed})


@frozen
class RotatedBatch:
    """
    What one step of a rotation did.

    Args:
        last: The last row that it looked at; None: there is none left.
        rotated: How many rows are encrypted with the current key now.
        unreadable: Why the others are not; they are as they were.
    """

    last: UUID | None
    rotated: int
    unreadable: tuple[FieldKeyUnknownError | FieldUnreadableError, ...]


@frozen
class PostgresFieldRotation:
    """
    Encrypts with the current key what others have encrypted; whatever it did stays done if it is stopped.

    Args:
        read: Lends a connection.
    """

    _read: Callable[[], AbstractAsyncContextManager[Connection]]
    _cipher: FieldCipher

    async def outdated(self) -> int:
        """How many rows are not encrypted with the current key."""
        async with self._read() as connection:
            cursor = await connection.execute(_SQL["count_outdated"], {"head": self._cipher.current_head})
            row = await cursor.fetchone()
        return int(row["outdated"]) if row else 0

    async def step(self, after: UUID, limit: int) -> RotatedBatch:
        """Encrypt the next *limit* rows past *after* anew, in the order of their ids."""
        async with self._read() as connection, atomic(connection):
            parameters = {"head": self._cipher.current_head, "after": after, "limit": limit}
            rows = await (await connection.execute(_SQL["lock_outdated"], parameters)).fetchall()
            resealed, unreadable = [], []
            for row in rows:
                try:
                    resealed.append(self._resealed(row))
                except (FieldKeyUnknownError, FieldUnreadableError) as error:
                    unreadable.append(error)
            if resealed:
                ids, names, addresses = (list(column) for column in zip(*resealed, strict=True))
                await connection.execute(
                    _SQL["replace"], {"ids": ids, "names": names, "addresses": addresses}
                )
        return RotatedBatch(rows[-1]["payment_id"] if rows else None, len(resealed), tuple(unreadable))

    def _resealed(self, row: Mapping[str, Any]) -> tuple[UUID, bytes | None, bytes | None]:
        def resealed(name: str) -> bytes | None:
            place = _place(row["payment_id"], name)
            return (
                None if row[name] is None else self._cipher.seal(self._cipher.open(row[name], place), place)
            )

        return row["payment_id"], resealed("name"), resealed("address")


def _place(payment_id: UUID, name: str) -> FieldPlace:
    return FieldPlace("payment_cardholder", payment_id, name)
