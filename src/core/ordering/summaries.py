"""The read model: all orders as they stand, to be listed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, cast

from attrs import evolve, field, frozen

from ..eventlog import EventFilter, RecordedEvent, refuse_unreadable
from ..kernel import CustomerId, UserId
from ..payments import Address
from .events import OrderEvent, OrderPlaced
from .ids import OrderId
from .order import ORDER, ORDER_CATEGORY, Order
from .status import OrderStatus


@frozen
class PlacedOrder:
    """
    An order, and what only its stream and its rows tell.

    Args:
        version: That of its stream.
        created_at: When it was placed.
        delivery_address: None once it is erased, or where nobody looked for it.
    """

    id: OrderId
    state: Order
    version: int
    created_at: datetime
    delivery_address: Address | None = field(default=None, repr=False)

    @property
    def placed(self) -> OrderPlaced:
        """What was ordered."""
        assert self.state.placed is not None  # the first event of every order
        return self.state.placed

    @property
    def status(self) -> OrderStatus:
        """How far it is."""
        assert self.state.status is not None
        return self.state.status

    def after(self, recorded: RecordedEvent) -> "PlacedOrder":
        """
        The order once *recorded* has happened to it.

        Raises:
            UnknownEventError, MalformedEventError: nobody can tell what it has become.
        """
        refuse_unreadable(recorded.event)
        state = ORDER.evolve(self.state, cast("OrderEvent", recorded.event))
        return evolve(self, state=state, version=recorded.version)


def replayed(events: Iterable[RecordedEvent], known: PlacedOrder | None = None) -> PlacedOrder | None:
    """The order that *events* of one stream lead to, on from *known*; None if there are none."""
    for recorded in events:
        if known is None:
            created_at = recorded.envelope.occurred_at
            known = PlacedOrder(OrderId(recorded.stream.id), ORDER.initial, 0, created_at)
        known = known.after(recorded)
    return known


class OrderSummaries(Protocol):
    """
    The orders of every generation, inside a transaction. Contract: tests/contract/test_order_summaries.py.
    """

    async def load(self, generation: int, ids: Collection[OrderId]) -> Mapping[OrderId, PlacedOrder]:
        """Those of *ids* that there are, without their addresses."""
        ...

    async def store(self, generation: int, orders: Collection[PlacedOrder]) -> None:
        """Add or change each; nothing personal of it is kept."""
        ...

    async def forget(self, generation: int) -> int:
        """Delete some thousand of them, and tell how many; 0 when there are none left."""
        ...


class SummaryTransaction(Protocol):
    """What the projection needs of a transaction."""

    @property
    def order_summaries(self) -> OrderSummaries: ...


@frozen
class SummaryProjection:
    """Folds each order's events into a row, just as the order itself does."""

    name: str = field(default="order-summaries", init=False)
    version: int = field(default=1, init=False)
    of: EventFilter = field(default=EventFilter(categories=frozenset({ORDER_CATEGORY})), init=False)

    async def project(self, tx: SummaryTransaction, generation: int, events: Sequence[RecordedEvent]) -> None:
        streams: dict[OrderId, list[RecordedEvent]] = {}
        for recorded in events:
            streams.setdefault(OrderId(recorded.stream.id), []).append(recorded)
        known = await tx.order_summaries.load(generation, streams.keys())
        orders = (replayed(theirs, known.get(id_)) for id_, theirs in streams.items())
        await tx.order_summaries.store(generation, [order for order in orders if order])

    async def forget(self, tx: SummaryTransaction, generation: int) -> int:
        return await tx.order_summaries.forget(generation)


ORDER_SUMMARIES = SummaryProjection()


@frozen(kw_only=True)
class OrderFilter:
    """Which orders to list; what is None does not narrow."""

    status: OrderStatus | None = None
    customer_id: CustomerId | None = None
    created_by: UserId | None = None

    def lets_through(self, order: PlacedOrder) -> bool:
        """Whether *order* is among the wanted."""
        return (
            self.status in (None, order.status)
            and self.customer_id in (None, order.placed.customer_id)
            and self.created_by in (None, order.placed.created_by)
        )
