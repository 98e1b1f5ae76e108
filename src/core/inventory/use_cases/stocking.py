"""Saying what is on hand, and looking at it."""

from attrs import frozen

from ...kernel import ANY_VERSION, Clock, ConcurrencyConflictError, ExpectedVersion
from ..errors import NoSuchPlaceError, StockNotFoundError
from ..ports import Begin, StockQueries
from ..rules import ADJUSTMENT, NAME
from ..stock import Stock


@frozen
class AdjustStock:
    """Have so much of a SKU on hand in a warehouse, from now on."""

    begin: Begin
    clock: Clock

    async def __call__(
        self, warehouse: str, sku: str, on_hand: int, *, expected: ExpectedVersion = ANY_VERSION
    ) -> Stock:
        """
        Args:
            warehouse: 1-64 letters, digits, points, hyphens and underscores. The first adjustment makes it.
            sku: The same characters. Whether it is in the catalogue is not asked.
            on_hand: Pieces, those that are reserved included; at most a milliard.
            expected: The revision that the stock of the SKU is taken to have.

        Raises:
            ValidationFailedError: there cannot be so much.
            NoSuchPlaceError: nothing can have such a name.
            InsufficientStockError: more than that is reserved.
            StalePreconditionError: the stock has another revision.
        """
        ADJUSTMENT.check({"on_hand": on_hand})
        if NAME.broken_by(warehouse) or NAME.broken_by(sku):
            raise NoSuchPlaceError
        while True:
            try:
                return await self._adjust(warehouse, sku, on_hand, expected)
            except ConcurrencyConflictError:
                continue  # the very first adjustment of a SKU, which there is nothing to lock for

    async def _adjust(self, warehouse: str, sku: str, on_hand: int, expected: ExpectedVersion) -> Stock:
        async with self.begin() as tx:
            stock = await tx.stock.lock(sku)
            expected.require(stock.revision)
            if event := stock.adjust(warehouse, on_hand, at=self.clock()):
                await tx.stock.save(stock, event)
        return stock


@frozen
class FindStock:
    """Show what all warehouses have of a SKU."""

    stock: StockQueries

    async def __call__(self, sku: str) -> Stock:
        """
        Raises:
            StockNotFoundError.
        """
        # What is no SKU is not looked for: no storage takes every text.
        stock = None if NAME.broken_by(sku) else await self.stock.find(sku)
        if stock is None:
            raise StockNotFoundError(sku)
        return stock
