"""What is personal of orders, in memory, which is not read by anybody else, so that nothing is encrypted."""

from collections.abc import Collection, Mapping
from datetime import datetime

from attrs import evolve, frozen

from ...core.kernel import CustomerId
from ...core.ordering import OrderId, OrderStatus, Particulars
from ...core.payments import Address
from .rows import Rows


@frozen
class ParticularsRow:
    """What is kept of one order."""

    customer_id: CustomerId
    particulars: Particulars


@frozen
class MemoryParticularsRepository:
    """The rows of one transaction."""

    _rows: Rows[OrderId, ParticularsRow]
    _erased: Rows[CustomerId, datetime]

    async def add(self, order_id: OrderId, customer_id: CustomerId, address: Address) -> None:
        if customer_id not in self._erased:
            self._rows[order_id] = ParticularsRow(customer_id, Particulars(address))

    async def explain(self, order_id: OrderId, status: OrderStatus, reason: str) -> None:
        if row := self._rows.get(order_id):
            told = {**row.particulars.reasons, status: reason}
            self._rows[order_id] = evolve(row, particulars=evolve(row.particulars, reasons=told))

    async def erase_of(self, customer_id: CustomerId) -> None:
        for order_id, row in list(self._rows.items()):
            if row.customer_id == customer_id:
                del self._rows[order_id]


@frozen
class MemoryParticularsQueries:
    """What is committed."""

    _committed: Mapping[OrderId, ParticularsRow]

    async def of(self, order_ids: Collection[OrderId]) -> Mapping[OrderId, Particulars]:
        return {id_: self._committed[id_].particulars for id_ in order_ids if id_ in self._committed}
