"""The read model of orders, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from attrs import frozen

from ...core.kernel import Page, PageRequest, Slice, SliceRequest, UserId
from ...core.ordering import ORDER_SUMMARIES, Order, OrderFilter, OrderId, PlacedOrder, Viewed
from .connection import Connection, Lend
from .generations import live_rows
from .queries import NamedQuery, named_queries

_SQL = named_queries("order_summaries")
_STATE_IN = msgspec.json.Decoder(Order)


@frozen
class PostgresOrderSummaries:
    """Rows of ``order_summary``, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def load(self, generation: int, ids: Collection[OrderId]) -> Mapping[OrderId, PlacedOrder]:
        parameters = {"generation": generation, "ids": [*ids]}
        # Planned each time: a plan from when the table was empty would read all of it while it is filled.
        cursor = await self._connection.execute(_SQL["load"], parameters, prepare=False)
        orders = map(_to_order, await cursor.fetchall())
        return {order.id: order for order in orders}

    async def store(self, generation: int, orders: Collection[PlacedOrder]) -> None:
        # In order, so that a process that lost its lease unawares waits for the one that has it, and not both.
        rows = sorted(orders, key=lambda order: order.id)
        parameters = {
            "generation": generation,
            "ids": [order.id for order in rows],
            "versions": [order.version for order in rows],
            "statuses": [order.status.value for order in rows],
            "customer_ids": [order.placed.customer_id for order in rows],
            "makers": [order.placed.created_by for order in rows],
            "times": [order.created_at for order in rows],
            "states": [msgspec.json.encode(order.state).decode() for order in rows],
        }
        await self._connection.execute(_SQL["store"], parameters)

    async def forget(self, generation: int) -> int:
        return (await self._connection.execute(_SQL["forget"], {"generation": generation})).rowcount


@frozen
class PostgresOrderQueries:
    """Rows of ``order_summary`` as they are committed."""

    _lend: Lend

    async def list(self, wanted: OrderFilter, page: PageRequest) -> Viewed[Page[PlacedOrder]]:
        rows = await self._rows(_SQL["list"], wanted, limit=page.limit, offset=page.offset)
        found = Page.of(_shown(rows), page, total_count=rows[0]["total_count"])
        return Viewed(found, rows[0]["position"])

    async def list_after(self, wanted: OrderFilter, place: SliceRequest) -> Viewed[Slice[PlacedOrder]]:
        after = {"after_created_at": place.after.created_at, "after_id": place.after.id}
        rows = await self._rows(_SQL["list_after"], wanted, limit=place.limit, **after)
        return Viewed(Slice.of(_shown(rows), place), rows[0]["position"])

    async def confirmed_counts(self, user_ids: Collection[UserId]) -> Mapping[UserId, int]:
        parameters = {"projection": ORDER_SUMMARIES.name, "user_ids": [*user_ids]}
        async with self._lend() as connection:
            rows = await (await connection.execute(_SQL["confirmed_counts"], parameters)).fetchall()
        return {UserId(row["created_by"]): row["confirmed"] for row in rows}

    async def _rows(
        self, query: NamedQuery, wanted: OrderFilter, **parameters: object
    ) -> Sequence[Mapping[str, Any]]:
        narrowing = {
            "status": wanted.status,
            "customer_id": wanted.customer_id,
            "created_by": wanted.created_by,
        }
        return await live_rows(self._lend, ORDER_SUMMARIES.name, query, **narrowing, **parameters)


def _shown(rows: Sequence[Mapping[str, Any]]) -> Sequence[PlacedOrder]:
    return [_to_order(row) for row in rows if row["id"] is not None]


def _to_order(row: Mapping[str, Any]) -> PlacedOrder:
    return PlacedOrder(OrderId(row["id"]), _STATE_IN.decode(row["state"]), row["version"], row["created_at"])
