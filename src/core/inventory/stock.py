"""What lies in warehouses, and how much of it is reserved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from attrs import define, evolve, field, frozen

from ..eventlog import StreamId
from .errors import InsufficientStockError
from .events import Effect, StockAdjusted

_SKUS: Final = UUID("15b58cd8-d05d-59a7-bdc7-e38a63019288")  # the namespace of ids that are made from SKUs


@frozen(kw_only=True)
class StockLevel:
    """
    How much of one SKU one warehouse has. What is reserved is never more than what is on hand.

    Args:
        on_hand: Pieces that are there, reserved or not.
        reserved: Those of them that are held for somebody.
        moves: How often reservations have changed it.
    """

    sku: str
    warehouse: str
    on_hand: int
    reserved: int = 0
    moves: int = 0

    @property
    def available(self) -> int:
        """What can still be reserved."""
        return self.on_hand - self.reserved

    def moved(self, effect: Effect, quantity: int) -> "StockLevel":
        """
        Raises:
            InsufficientStockError: there is less than that.
        """
        on_hand = self.on_hand + effect.on_hand * quantity
        reserved = self.reserved + effect.reserved * quantity
        if not 0 <= reserved <= on_hand:
            raise InsufficientStockError([self.sku])
        return evolve(self, on_hand=on_hand, reserved=reserved, moves=self.moves + 1)


@define(eq=False, kw_only=True)
class Stock:
    """
    What all warehouses have of one SKU.

    Args:
        levels: By warehouse.
        version: Adjustments so far; 0 means never stored.
    """

    sku: str
    levels: Mapping[str, StockLevel] = field(factory=dict)
    version: int = 0

    @property
    def stream(self) -> StreamId:
        """Where its adjustments are; those of reservations are in their own."""
        return StreamId("stock", uuid5(_SKUS, self.sku))

    @property
    def revision(self) -> int:
        """Grows with every change, by an adjustment or a reservation: equal ones are of equal stock."""
        return self.version + sum(level.moves for level in self.levels.values())

    def adjust(self, warehouse: str, on_hand: int, *, at: datetime) -> StockAdjusted | None:
        """
        Have so much on hand in *warehouse*; None where that is so.

        Raises:
            InsufficientStockError: more than that is reserved.
        """
        level = self.levels.get(warehouse)
        if level is not None and level.on_hand == on_hand:
            return None
        before = level or StockLevel(sku=self.sku, warehouse=warehouse, on_hand=0)
        if on_hand < before.reserved:
            raise InsufficientStockError([self.sku])
        self.levels = {**self.levels, warehouse: evolve(before, on_hand=on_hand)}
        return StockAdjusted(self.sku, warehouse, on_hand, at)
