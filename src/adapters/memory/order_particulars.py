"""What is personal of orders, in memory, which is not read by anybody else, so that nothing is encrypted."""

from collections.abc import Collection, Mapping

from attrs import evolve, frozen

from ...core.kernel import CustomerId
from ...core.ordering import OrderId, OrderStatus, Particulars
from ...core.payments import Address
from .rows import Rows


@frozen
class ParticularsRow:
    """What is kept of one order; None once it is erased."""

    customer_id: CustomerId
    particulars: Particulars | None


@frozen
class MemoryParticularsRepository:
    """The rows of one transaction."""

    _rows: Rows[OrderId, ParticularsRow]

    async def add(self, order_id: OrderId, customer_id: CustomerId, address: Address) -> None:
        self._rows[order_id] = ParticularsRow(customer_id, Particulars(address))

    async def explain(self, order_id: OrderId, status: OrderStatus, reason: str) -> None:
        row = self._rows.get(order_id)
        if row and (known := row.particulars):
            told = evolve(known, reasons={**known.reasons, status: reason})
            self._rows[order_id] = evolve(row, particulars=told)

    async def erase(self, customer_id: CustomerId) -> None:
        for order_id, row in self._rows.items():
            if row.customer_id == customer_id:
                self._rows[order_id] = evolve(row, particulars=None)


@frozen
class MemoryParticularsQueries:
    """What is committed."""

    _committed: Mapping[OrderId, ParticularsRow]

    async def of(self, order_ids: Collection[OrderId]) -> Mapping[OrderId, Particulars]:
        rows = {id_: self._committed[id_] for id_ in order_ids if id_ in self._committed}
        return {id_: row.particulars for id_, row in rows.items() if row.particulars}
