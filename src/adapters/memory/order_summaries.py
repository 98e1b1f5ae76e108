"""The read model of orders, in memory."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from ...core.eventlog import ProjectionNotBuiltError
from ...core.kernel import Page, PageRequest, Slice, SliceRequest, UserId
from ...core.ordering import (
    CONFIRMED_STATUSES,
    ORDER_SUMMARIES,
    OrderFilter,
    OrderId,
    PlacedOrder,
    Viewed,
)
from .generations import Generations, forget
from .pages import page_of, slice_of
from .rows import Rows
from .subscriptions import SubscriptionRow

SummaryKey = tuple[int, OrderId]
"""The generation's number and the order's id."""


@frozen
class MemoryOrderSummaries:
    """The rows of one transaction."""

    _rows: Rows[SummaryKey, PlacedOrder]

    async def load(self, generation: int, ids: Collection[OrderId]) -> Mapping[OrderId, PlacedOrder]:
        return {id_: self._rows[generation, id_] for id_ in ids if (generation, id_) in self._rows}

    async def store(self, generation: int, orders: Collection[PlacedOrder]) -> None:
        for order in orders:
            self._rows[generation, order.id] = evolve(order, delivery_address=None)

    async def forget(self, generation: int) -> int:
        return forget(self._rows, generation)


@frozen
class MemoryOrderQueries:
    """The committed orders of the live generation."""

    _committed: Mapping[SummaryKey, PlacedOrder]
    _generations: Generations
    _subscriptions: Mapping[str, SubscriptionRow]

    async def list(self, wanted: OrderFilter, page: PageRequest) -> Viewed[Page[PlacedOrder]]:
        return Viewed(page_of(self._found(wanted), page), self._position())

    async def list_after(self, wanted: OrderFilter, place: SliceRequest) -> Viewed[Slice[PlacedOrder]]:
        return Viewed(slice_of(self._found(wanted), place), self._position())

    async def confirmed_counts(self, user_ids: Collection[UserId]) -> Mapping[UserId, int]:
        try:
            orders = self._live()
        except ProjectionNotBuiltError:
            return {}
        makers = [order.placed.created_by for order in orders if order.status in CONFIRMED_STATUSES]
        return Counter(maker for maker in makers if maker in user_ids)

    def _found(self, wanted: OrderFilter) -> Iterator[PlacedOrder]:
        return filter(wanted.lets_through, self._live())

    def _live(self) -> Sequence[PlacedOrder]:
        live = self._generations.live(ORDER_SUMMARIES.name).number
        return [order for (number, _), order in self._committed.items() if number == live]

    def _position(self) -> int:
        row = self._subscriptions.get(self._generations.live(ORDER_SUMMARIES.name).subscription)
        return row.position if row else 0
