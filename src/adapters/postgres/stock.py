"""Stock in PostgreSQL."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from ...core.eventlog import EventLog, Recorder
from ...core.inventory import Stock, StockAdjusted, StockLevel
from .connection import Connection, Lend
from .queries import named_queries

_SQL = named_queries("stock")


@frozen
class PostgresStockRepository:
    """Rows of ``stock_level``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _log: EventLog
    _recorder: Recorder

    async def lock(self, sku: str) -> Stock:
        stock = Stock(sku=sku)
        # Nobody adds a level of the SKU once its stream is locked, so those that are read after that are all there are.
        # Where there was no stream to lock, levels that somebody adds by now are not for us to lock, either: they lock
        # the stream before those, and would wait for us as we for them.
        stock.version = await self._log.append(stock.stream, (), None)
        if stock.version == 0:
            return stock
        rows = await (await self._connection.execute(_SQL["lock"], {"sku": sku})).fetchall()
        stock.levels = _to_levels(sku, rows)
        return stock

    async def save(self, stock: Stock, event: StockAdjusted) -> None:
        stock.version = await self._log.append(stock.stream, self._recorder([event]), stock.version)
        await self._connection.execute(
            _SQL["save"], {"sku": stock.sku, "warehouse": event.warehouse, "on_hand": event.on_hand}
        )


@frozen
class PostgresStockQueries:
    """Rows of ``stock_level`` as they are committed."""

    _lend: Lend

    async def find(self, sku: str) -> Stock | None:
        stock = Stock(sku=sku)
        wanted = {"sku": sku, "category": stock.stream.category, "id": stock.stream.id}
        async with self._lend() as connection:
            rows = await (await connection.execute(_SQL["find"], wanted)).fetchall()
        if not rows:
            return None
        stock.version = rows[0]["version"]
        stock.levels = _to_levels(sku, rows)
        return stock

    async def availability(self, skus: Iterable[str]) -> Mapping[str, Mapping[str, int]]:
        available: defaultdict[str, dict[str, int]] = defaultdict(dict)
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["availability"], {"skus": list(skus)})
            for row in await cursor.fetchall():
                available[row["warehouse"]][row["sku"]] = row["available"]
        return dict(available)


def _to_levels(sku: str, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, StockLevel]:
    return {
        row["warehouse"]: StockLevel(
            sku=sku,
            warehouse=row["warehouse"],
            on_hand=row["on_hand"],
            reserved=row["reserved"],
            moves=row["moves"],
        )
        for row in rows
    }
