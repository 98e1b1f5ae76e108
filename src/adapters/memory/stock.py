"""Stock in memory."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from attrs import frozen

from ...core.eventlog import Recorder
from ...core.inventory import Stock, StockAdjusted, StockLevel
from .event_log import MemoryEventLog, MemoryEventReader
from .locks import TransactionLock
from .rows import Rows

LevelKey = tuple[str, str]
"""SKU and warehouse."""


@frozen
class MemoryStockRepository:
    """The levels of one transaction; whoever locks stock locks all of it."""

    _rows: Rows[LevelKey, StockLevel]
    _lock: TransactionLock
    _log: MemoryEventLog
    _recorder: Recorder

    async def lock(self, sku: str) -> Stock:
        await self._lock.acquire()
        stock = Stock(sku=sku, levels=_levels_of(self._rows, sku))
        stock.version = await self._log.append(stock.stream, (), None)
        return stock

    async def save(self, stock: Stock, event: StockAdjusted) -> None:
        stock.version = await self._log.append(stock.stream, self._recorder([event]), stock.version)
        self._rows[stock.sku, event.warehouse] = stock.levels[event.warehouse]


@frozen
class MemoryStockQueries:
    """What was committed."""

    _rows: dict[LevelKey, StockLevel]
    _log: MemoryEventReader

    async def find(self, sku: str) -> Stock | None:
        stock = Stock(sku=sku, levels=_levels_of(self._rows, sku))
        stock.version = len(self._log.stream(stock.stream))
        return stock if stock.levels else None

    async def availability(self, skus: Iterable[str]) -> Mapping[str, Mapping[str, int]]:
        wanted = set(skus)
        available: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for (sku, warehouse), level in self._rows.items():
            if sku in wanted:
                available[warehouse][sku] = level.available
        return dict(available)


def _levels_of(rows: Mapping[LevelKey, StockLevel], sku: str) -> Mapping[str, StockLevel]:
    return {key[1]: rows[key] for key in sorted(rows) if key[0] == sku}
