"""Reserving as most would write it: lock the rows, look, change them, keep and tell of it; a statement each."""

import json
from datetime import datetime
from uuid import UUID, uuid4

from attrs import frozen
from psycopg import AsyncConnection
from psycopg.rows import DictRow

_LOCK = """
SELECT sku, on_hand, reserved FROM stock_level
WHERE warehouse = %(warehouse)s AND sku = ANY (%(skus)s)
ORDER BY sku
FOR UPDATE
"""
_MOVE = """
UPDATE stock_level SET reserved = reserved + line.quantity, moves = moves + 1
FROM unnest(%(skus)s::text[], %(quantities)s::bigint[]) AS line (sku, quantity)
WHERE warehouse = %(warehouse)s AND stock_level.sku = line.sku
"""
_KEEP = """
INSERT INTO reservation (id, version, reference, warehouse, skus, quantities, status, created_at)
VALUES (%(id)s, 1, %(reference)s, %(warehouse)s, %(skus)s, %(quantities)s, 'Held', %(at)s)
"""
_TELL = """
WITH stream AS (INSERT INTO streams VALUES ('reservation', %(id)s, 1))
INSERT INTO events (
    stream_category, stream_id, version, type, schema_version, event_id, data, occurred_at, correlation_id
)
VALUES (
    'reservation', %(id)s, 1, 'StockReserved', 1, %(event_id)s, %(data)s::jsonb, %(at)s, %(correlation_id)s
)
"""


@frozen
class RowLocks:
    """Reserves on a connection in autocommit."""

    connection: AsyncConnection[DictRow]

    async def reserve(self, reference: UUID, warehouse: str, wanted: dict[str, int], at: datetime) -> bool:
        """Whether there was enough."""
        reservation_id = uuid4()
        lines = {"warehouse": warehouse, "skus": list(wanted), "quantities": list(wanted.values())}
        async with self.connection.transaction():
            rows = await (await self.connection.execute(_LOCK, lines)).fetchall()
            available = {row["sku"]: row["on_hand"] - row["reserved"] for row in rows}
            if any(available.get(sku, 0) < quantity for sku, quantity in wanted.items()):
                return False
            await self.connection.execute(_MOVE, lines)
            made = {"id": reservation_id, "reference": reference, "at": at}
            await self.connection.execute(_KEEP, {**lines, **made})
            await self.connection.execute(
                _TELL,
                {
                    "id": reservation_id,
                    "at": at,
                    "event_id": uuid4(),
                    "correlation_id": uuid4(),
                    "data": _event(reservation_id, reference, warehouse, wanted, at),
                },
            )
        return True


def _event(
    reservation_id: UUID, reference: UUID, warehouse: str, wanted: dict[str, int], at: datetime
) -> str:
    return json.dumps(
        {
            "reservation_id": str(reservation_id),
            "reference": str(reference),
            "warehouse": warehouse,
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in wanted.items()],
            "expires_at": None,
            "at": at.isoformat(),
        }
    )
