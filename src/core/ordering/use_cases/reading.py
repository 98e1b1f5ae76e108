"""Showing orders to whom they concern."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import overload

from attrs import evolve, frozen

from ...eventlog import EventReader, NoSuchStateError, RecordedEvent
from ...kernel import Page, PageRequest, Permission, Principal, Slice, SliceRequest
from ..errors import OrderNotFoundError
from ..ids import OrderId
from ..order import stream_of
from ..ports import OrderQueries, ParticularsQueries, Viewed
from ..status import OrderStatus
from ..summaries import OrderFilter, PlacedOrder, replayed


def require_visible(principal: Principal, order: PlacedOrder) -> None:
    """
    Raises:
        OrderNotFoundError: the caller neither made it nor sees all.
    """
    if order.placed.created_by != principal.user_id and not principal.sees_all(Permission.ORDERS_READ_ALL):
        raise OrderNotFoundError(order.id, hidden=True)


async def with_addresses(
    particulars: ParticularsQueries, orders: Sequence[PlacedOrder]
) -> tuple[PlacedOrder, ...]:
    """*orders*, each with where it goes, but for those whose customer was erased."""
    known = await particulars.of([order.id for order in orders]) if orders else {}
    return tuple(
        evolve(order, delivery_address=known[order.id].delivery_address) if order.id in known else order
        for order in orders
    )


async def history_of(events: EventReader, order_id: OrderId) -> tuple[PlacedOrder, Sequence[RecordedEvent]]:
    """
    An order, and all that has happened to it.

    Raises:
        OrderNotFoundError: there is none.
    """
    recorded = await events.read_stream(stream_of(order_id))
    order = replayed(recorded)
    if order is None:
        raise OrderNotFoundError(order_id)
    return order, recorded


@frozen
class FindOrder:
    """Show an order, as it is or was, to who may see it: whoever made it, and who sees all."""

    events: EventReader
    particulars: ParticularsQueries

    async def __call__(
        self,
        principal: Principal,
        order_id: OrderId,
        *,
        version: int | None = None,
        as_of: datetime | None = None,
    ) -> PlacedOrder:
        """
        Args:
            version: As it was then, from 1.
            as_of: As it was at the end of this moment, with a time zone; where *version* is None.

        Raises:
            OrderNotFoundError: there is none, or the caller may not see it.
            NoSuchStateError: it was never at *version*, or was not placed yet.
        """
        order, recorded = await history_of(self.events, order_id)
        require_visible(principal, order)
        if as_of is not None:
            # Clocks may differ, but an event happened no later than those that follow it.
            version = max((it.version for it in recorded if it.envelope.occurred_at <= as_of), default=0)
        if version is not None:
            earlier = replayed(recorded[:version]) if 1 <= version <= len(recorded) else None
            if earlier is None:
                raise NoSuchStateError(stream_of(order_id), asked_for=as_of or version)
            order = earlier
        [shown] = await with_addresses(self.particulars, [order])
        return shown


@frozen
class History:
    """
    What happened to an order.

    Args:
        reasons: Why, in the words of who made it so; nothing once its customer is erased.
    """

    events: Sequence[RecordedEvent]
    reasons: Mapping[OrderStatus, str]


@frozen
class TellHistory:
    """Tell of an order what happened to it, to who may see it."""

    events: EventReader
    particulars: ParticularsQueries

    async def __call__(self, principal: Principal, order_id: OrderId) -> History:
        """
        Raises:
            OrderNotFoundError: there is none, or the caller may not see it.
        """
        order, recorded = await history_of(self.events, order_id)
        require_visible(principal, order)
        known = (await self.particulars.of([order_id])).get(order_id)
        return History(recorded, known.reasons if known else {})


@frozen
class ListOrders:
    """List the orders that the caller may see, from the read model."""

    orders: OrderQueries
    particulars: ParticularsQueries

    @overload
    async def __call__(
        self, principal: Principal, wanted: OrderFilter, which: PageRequest
    ) -> Viewed[Page[PlacedOrder]]: ...

    @overload
    async def __call__(
        self, principal: Principal, wanted: OrderFilter, which: SliceRequest
    ) -> Viewed[Slice[PlacedOrder]]: ...

    async def __call__(
        self, principal: Principal, wanted: OrderFilter, which: PageRequest | SliceRequest
    ) -> Viewed[Page[PlacedOrder]] | Viewed[Slice[PlacedOrder]]:
        """
        Those that *wanted* lets through and the caller made, or all of them for who sees all; newest first.

        Raises:
            ProjectionNotBuiltError: try again later.
        """
        if not principal.sees_all(Permission.ORDERS_READ_ALL):
            wanted = evolve(wanted, created_by=principal.user_id)
        if isinstance(which, SliceRequest):
            after = await self.orders.list_after(wanted, which)
            items = await with_addresses(self.particulars, after.found.items)
            return evolve(after, found=evolve(after.found, items=items))
        page = await self.orders.list(wanted, which)
        items = await with_addresses(self.particulars, page.found.items)
        return evolve(page, found=evolve(page.found, items=items))
