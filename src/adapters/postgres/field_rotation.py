"""Encrypted fields of any table, encrypted anew with the current key."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen

from ...core.kernel import FieldCipher, FieldKeyUnknownError, FieldPlace, FieldUnreadableError
from .connection import Lend, atomic
from .queries import NamedQuery

Hashes = Callable[[Mapping[str, bytes | None]], Mapping[str, bytes]]
"""Gives the hashes that a row is found by, by column, from what its fields say."""


def _found_by_nothing(_: Mapping[str, bytes | None]) -> Mapping[str, bytes]:
    return {}


@frozen
class SealedTable:
    """
    A table with encrypted fields.

    Args:
        name: As in the `FieldPlace` of each.
        fields: Columns.
        count_outdated: Gives ``outdated``: how many rows are not sealed by the key whose ``head`` it is given.
        lock_outdated: Gives the next of them, ``limit`` of those past ``after``, with their ids as ``row_id``.
        replace: Takes ``ids``, and a list for each column.
        hashes: Which the current key has to make anew as well.
    """

    name: str
    fields: Sequence[str]
    count_outdated: NamedQuery
    lock_outdated: NamedQuery
    replace: NamedQuery
    hashes: Hashes = _found_by_nothing


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
    """Encrypts with the current key what others have encrypted; whatever it did stays done if it is stopped."""

    _lend: Lend
    _cipher: FieldCipher
    _table: SealedTable

    async def outdated(self) -> int:
        """How many rows are not encrypted with the current key."""
        head = {"head": self._cipher.current_head}
        async with self._lend() as connection:
            cursor = await connection.execute(self._table.count_outdated, head)
            row = await cursor.fetchone()
        return int(row["outdated"]) if row else 0

    async def step(self, after: UUID, limit: int) -> RotatedBatch:
        """Encrypt the next *limit* rows past *after* anew, in the order of their ids."""
        async with self._lend() as connection, atomic(connection):
            parameters = {"head": self._cipher.current_head, "after": after, "limit": limit}
            rows = await (await connection.execute(self._table.lock_outdated, parameters)).fetchall()
            resealed: dict[UUID, Mapping[str, bytes | None]] = {}
            unreadable = []
            for row in rows:
                try:
                    resealed[row["row_id"]] = self._resealed(row)
                except (FieldKeyUnknownError, FieldUnreadableError) as error:
                    unreadable.append(error)
            if resealed:
                columns = next(iter(resealed.values()))
                lists = {column: [values[column] for values in resealed.values()] for column in columns}
                await connection.execute(self._table.replace, {"ids": list(resealed), **lists})
        return RotatedBatch(rows[-1]["row_id"] if rows else None, len(resealed), tuple(unreadable))

    def _resealed(self, row: Mapping[str, Any]) -> Mapping[str, bytes | None]:
        places = {name: FieldPlace(self._table.name, row["row_id"], name) for name in self._table.fields}
        plain = {
            name: None if row[name] is None else self._cipher.open(row[name], place)
            for name, place in places.items()
        }
        sealed = {
            name: None if value is None else self._cipher.seal(value, places[name])
            for name, value in plain.items()
        }
        return {**sealed, **self._table.hashes(plain)}
