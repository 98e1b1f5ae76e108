"""What every read model of orders does (`core.ordering.OrderSummaries`, `OrderQueries`)."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from attrs import evolve

from builders import NOON, an_address, gbp
from builders.events import OpenRecorder
from builders.orders import a_line, an_order, an_order_placed
from builders.transactions import GivenUpError
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import Event, EventReader, Generation, ProjectionNotBuiltError, StreamId
from quayside.core.kernel import PageRequest, Percentage, Place, SliceRequest, UserId
from quayside.core.ordering import (
    ORDER_SUMMARIES,
    FailureReason,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderEvent,
    OrderFilter,
    OrderId,
    OrderPaymentStarted,
    OrderQueries,
    OrderShipped,
    OrderStatus,
    OrderStockReserved,
    PlacedOrder,
    replayed,
)
from quayside.core.payments import PaymentId

Storage = MemoryStore | PostgresDatabase

EVERYTHING = PageRequest(page_size=100)
ALL = OrderFilter()


@pytest.fixture
def orders(storage: Storage) -> OrderQueries:
    """There are none."""
    return storage.orders


@pytest.fixture
async def live(storage: Storage) -> Generation:
    """A generation that is read."""
    return await swapped_in(storage)


async def swapped_in(storage: Storage, version: int = 1) -> Generation:
    generation = await storage.generations.build(ORDER_SUMMARIES.name, version)
    lease = await storage.subscriptions.acquire(generation.subscription, "a worker", 60)
    assert lease is not None
    assert await storage.generations.go_live(generation, lease)
    return generation


async def stored(storage: Storage, generation: Generation, *orders: PlacedOrder) -> None:
    async with storage.begin() as tx:
        await tx.order_summaries.store(generation.number, orders)


async def ids_of(orders: OrderQueries, wanted: OrderFilter = ALL) -> list[OrderId]:
    return [order.id for order in (await orders.list(wanted, EVERYTHING)).found.items]


def a_whole_order() -> PlacedOrder:
    placed = evolve(
        an_order_placed(a_line("A.1", 3), a_line("é-Ü"), warehouse=None),
        discount_percentage=Percentage(Decimal("12.50")),
        tax_total=gbp("1.23"),
    )
    reserved = OrderStockReserved(uuid4())
    failed = OrderCancelled(FailureReason.CAPTURE_DECLINED, None)
    return an_order(placed, OrderPaymentStarted(PaymentId(uuid4())), reserved, failed)


async def test_an_order_is_read_as_it_was_stored_but_for_where_it_goes(
    storage: Storage, orders: OrderQueries, live: Generation
) -> None:
    order = a_whole_order()

    await stored(storage, live, evolve(order, delivery_address=an_address()))

    assert (await orders.list(ALL, EVERYTHING)).found.items == (order,)
    async with storage.begin() as tx:
        assert await tx.order_summaries.load(live.number, [order.id, OrderId(uuid4())]) == {order.id: order}


async def test_what_is_rolled_back_was_never_stored(
    storage: Storage, orders: OrderQueries, live: Generation
) -> None:
    with pytest.raises(GivenUpError):
        async with storage.begin() as tx:
            await tx.order_summaries.store(live.number, [an_order()])
            raise GivenUpError

    assert await ids_of(orders) == []


async def test_orders_are_listed_newest_first_by_page_and_by_key(
    storage: Storage, orders: OrderQueries, live: Generation
) -> None:
    found = [an_order(at=NOON + timedelta(seconds=n // 2)) for n in range(7)]
    await stored(storage, live, *found)
    newest_first = sorted(found, key=Place.of, reverse=True)

    page = (await orders.list(ALL, PageRequest(page=2, page_size=3))).found
    after = SliceRequest(Place.of(newest_first[2]), 3)
    following = (await orders.list_after(ALL, after)).found
    last = (await orders.list_after(ALL, SliceRequest(Place.of(newest_first[-1])))).found
    beyond = (await orders.list(ALL, PageRequest(page=9))).found

    assert list(page.items) == list(following.items) == newest_first[3:6]
    assert (page.total_count, following.has_next_page) == (7, True)
    assert (last.items, last.has_next_page) == ((), False)
    assert (beyond.items, beyond.total_count) == ((), 7)


async def test_lists_are_narrowed(storage: Storage, orders: OrderQueries, live: Generation) -> None:
    pending = an_order()
    cancelled = an_order(an_order_placed(), OrderCancelled(None, UserId(uuid4())))
    await stored(storage, live, pending, cancelled)
    placed = pending.placed

    for wanted in (
        OrderFilter(status=OrderStatus.PENDING),
        OrderFilter(customer_id=placed.customer_id),
        OrderFilter(created_by=placed.created_by),
    ):
        assert await ids_of(orders, wanted) == [pending.id]
        place = SliceRequest(Place(NOON + timedelta(days=1), uuid4()))
        assert [it.id for it in (await orders.list_after(wanted, place)).found.items] == [pending.id]
    assert await ids_of(orders, OrderFilter(status=OrderStatus.SHIPPED, customer_id=placed.customer_id)) == []


async def test_before_it_is_built_nothing_is_listed_and_nobody_has_confirmed_orders(
    storage: Storage, orders: OrderQueries
) -> None:
    generation = await storage.generations.build(ORDER_SUMMARIES.name, 1)
    order = an_order(an_order_placed(), OrderConfirmed())
    await stored(storage, generation, order)

    with pytest.raises(ProjectionNotBuiltError):
        await orders.list(ALL, EVERYTHING)
    with pytest.raises(ProjectionNotBuiltError):
        await orders.list_after(ALL, SliceRequest(Place.of(order)))
    assert await orders.confirmed_counts([order.placed.created_by]) == {}


async def test_only_the_live_generation_is_read_and_the_other_is_forgotten_by_itself(
    storage: Storage, orders: OrderQueries, live: Generation
) -> None:
    order, other = an_order(), an_order()
    await stored(storage, live, order)
    building = await storage.generations.build(ORDER_SUMMARIES.name, 2)
    await stored(storage, building, order, other)

    assert await ids_of(orders) == [order.id]
    async with storage.begin() as tx:
        assert await tx.order_summaries.forget(building.number) == 2
        assert await tx.order_summaries.forget(building.number) == 0
    assert await ids_of(orders) == [order.id]


async def test_confirmed_orders_are_counted_until_they_are_cancelled(
    storage: Storage, orders: OrderQueries, live: Generation
) -> None:
    ada, bob, eve = UserId(uuid4()), UserId(uuid4()), UserId(uuid4())
    happened: tuple[tuple[OrderEvent, ...], ...] = (
        (OrderConfirmed(),),
        (OrderConfirmed(), OrderShipped()),
        (OrderConfirmed(), OrderShipped(), OrderDelivered()),
        (OrderConfirmed(), OrderCancelled(None, ada)),
        (),
    )
    for events in happened:
        await stored(storage, live, an_order(an_order_placed(created_by=ada), *events))
    await stored(storage, live, an_order(an_order_placed(created_by=bob), OrderConfirmed()))

    assert await orders.confirmed_counts([ada, eve]) == {ada: 3}
    assert await orders.confirmed_counts([]) == {}


async def test_the_projection_makes_of_events_what_a_replay_does(
    storage: Storage, events: EventReader, orders: OrderQueries, live: Generation
) -> None:
    lives: list[tuple[Event, ...]] = [
        (an_order_placed(), OrderPaymentStarted(PaymentId(uuid4())), OrderStockReserved(uuid4())),
        (an_order_placed(), OrderCancelled(FailureReason.TIMEOUT, None)),
    ]
    recorder = OpenRecorder(lambda: NOON, uuid4)
    for happened in lives:
        async with storage.begin() as tx:
            await tx.events.append(StreamId("order", uuid4()), recorder(happened), 0)
    recorded = await events.read_all()

    for one_by_one in ([recorded[:1], recorded[1:4], recorded[4:]], [recorded]):
        generation = await swapped_in(storage)
        for batch in one_by_one:
            async with storage.begin() as tx:
                await ORDER_SUMMARIES.project(tx, generation.number, batch)
        found = (await orders.list(ALL, EVERYTHING)).found.items
        assert {it.id: it for it in found} == {
            id_: replayed([it for it in recorded if it.stream.id == id_])
            for id_ in {it.stream.id for it in recorded}
        }
        assert len(found) == len(lives)
