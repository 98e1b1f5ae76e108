"""What is personal of orders, in PostgreSQL, encrypted."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from attrs import frozen

from ...core.kernel import CustomerId, FieldCipher, FieldPlace
from ...core.ordering import OrderId, OrderStatus, Particulars
from ...core.payments import Address
from .connection import Connection, Lend
from .field_rotation import SealedTable
from .queries import named_queries

_SQL = named_queries("order_particulars")
_ADDRESS: Final = "delivery_address"
_REASONS: Final = {
    OrderStatus.CANCELLED: "cancel_reason",
    OrderStatus.SHIPPED: "ship_reason",
    OrderStatus.DELIVERED: "deliver_reason",
}
SEALED_PARTICULARS = SealedTable(
    "order_particulars",
    (_ADDRESS, *_REASONS.values()),
    count_outdated=_SQL["count_outdated"],
    lock_outdated=_SQL["lock_outdated"],
    replace=_SQL["replace"],
)


@frozen
class PostgresParticularsRepository:
    """Rows of ``order_particulars``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _cipher: FieldCipher

    async def add(self, order_id: OrderId, customer_id: CustomerId, address: Address) -> None:
        sealed = self._cipher.seal(msgspec.json.encode(address), _place(order_id, _ADDRESS))
        parameters = {"order_id": order_id, "customer_id": customer_id, _ADDRESS: sealed}
        await self._connection.execute(_SQL["add"], parameters)

    async def explain(self, order_id: OrderId, status: OrderStatus, reason: str) -> None:
        column = _REASONS[status]
        sealed = self._cipher.seal(reason.encode(), _place(order_id, column))
        parameters = dict.fromkeys(_REASONS.values()) | {"order_id": order_id, column: sealed}
        await self._connection.execute(_SQL["explain"], parameters)

    async def erase_of(self, customer_id: CustomerId) -> None:
        await self._connection.execute(_SQL["erase_of"], {"customer_id": customer_id})


@frozen
class PostgresParticularsQueries:
    """Rows of ``order_particulars`` as they are committed."""

    _lend: Lend
    _cipher: FieldCipher

    async def of(self, order_ids: Collection[OrderId]) -> Mapping[OrderId, Particulars]:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["of"], {"order_ids": [*order_ids]})
            rows = await cursor.fetchall()
        return {OrderId(row["order_id"]): self._opened(row) for row in rows}

    def _opened(self, row: Mapping[str, Any]) -> Particulars:
        def plain(column: str) -> bytes:
            return self._cipher.open(row[column], _place(row["order_id"], column))

        address = msgspec.json.decode(plain(_ADDRESS), type=Address)
        reasons = {
            status: plain(column).decode() for status, column in _REASONS.items() if row[column] is not None
        }
        return Particulars(address, reasons)


def _place(order_id: UUID, column: str) -> FieldPlace:
    return FieldPlace(SEALED_PARTICULARS.name, order_id, column)
