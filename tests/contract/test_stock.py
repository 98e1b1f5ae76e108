"""What every store of stock does (`core.inventory.StockRepository`, `StockQueries`), and adjustments under races."""

import asyncio

import pytest

from builders import NOON
from builders.stock import WAREHOUSE, StockRoom, lines
from builders.transactions import GivenUpError
from contract.conftest import Storage
from quayside.adapters.memory import ManualClock, MemoryStore
from quayside.core.inventory import (
    AdjustStock,
    FindStock,
    InsufficientStockError,
    NoSuchPlaceError,
    Stock,
    StockAdjusted,
    StockNotFoundError,
)
from quayside.core.kernel import (
    ConcurrencyConflictError,
    ExpectedVersion,
    QuaysideError,
    StalePreconditionError,
    ValidationFailedError,
)


@pytest.fixture
def room(storage: Storage, clock: ManualClock) -> StockRoom:
    """Empty warehouses."""
    return StockRoom(storage, clock)


@pytest.fixture
def adjust(storage: Storage) -> AdjustStock:
    """Says what is on hand, at noon."""
    return AdjustStock(storage.begin, lambda: NOON)


async def test_what_was_adjusted_is_found_by_warehouse_and_told(
    room: StockRoom, storage: Storage, adjust: AdjustStock
) -> None:
    await room.has_in("south", A=7)
    await adjust("north", "A", 5)
    await adjust("north", "A", 4)
    unchanged = await adjust("north", "A", 4)

    found = await FindStock(storage.stock)("A")

    assert {name: level.on_hand for name, level in found.levels.items()} == {"north": 4, "south": 7}
    assert list(found.levels) == ["north", "south"]
    assert (found.version, found.revision, unchanged.revision) == (3, 3, 3)
    assert list(await storage.events.read_events(found.stream)) == [
        StockAdjusted("A", "south", 7, NOON),
        StockAdjusted("A", "north", 5, NOON),
        StockAdjusted("A", "north", 4, NOON),
    ]
    for unknown in ("B", "", "\x00", "\ud800"):
        with pytest.raises(StockNotFoundError):
            await FindStock(storage.stock)(unknown)


async def test_availability_is_told_by_warehouse_and_sku(room: StockRoom, storage: Storage) -> None:
    await room.has_in("north", A=5, B=1, C=9)
    await room.has_in("south", A=2)
    await room.reserve(lines(A=3, B=1), warehouse="north")

    assert await storage.stock.availability(["A", "B", "D"]) == {
        "north": {"A": 2, "B": 0},
        "south": {"A": 2},
    }
    assert await storage.stock.availability([]) == {}


async def test_stock_is_not_set_below_what_is_reserved(room: StockRoom, adjust: AdjustStock) -> None:
    await room.has(A=5)
    await room.reserve(lines(A=3))

    with pytest.raises(InsufficientStockError) as refused:
        await adjust(WAREHOUSE, "A", 2)
    await adjust(WAREHOUSE, "A", 3)

    assert refused.value.details == {"skus": ["A"]}
    assert await room.level("A") == (3, 3)


async def test_the_revision_is_another_after_each_change_and_a_stale_one_is_refused(
    room: StockRoom, adjust: AdjustStock
) -> None:
    await room.has_in("north", A=5)
    await room.has_in("south", A=5)
    seen = (await room.storage.stock.find("A") or Stock(sku="A")).revision
    reservation = await room.reserve(lines(A=1), warehouse="south")

    with pytest.raises(StalePreconditionError):
        await adjust("north", "A", 6, expected=ExpectedVersion(frozenset({seen})))
    await room.release(reservation.id)
    with pytest.raises(StalePreconditionError):  # though all is as it was
        await adjust("north", "A", 6, expected=ExpectedVersion(frozenset({seen})))
    with pytest.raises(StalePreconditionError):
        await adjust("north", "B", 6, expected=ExpectedVersion(frozenset({seen})))

    adjusted = await adjust("north", "A", 6, expected=ExpectedVersion(frozenset({seen + 2})))
    assert adjusted.revision == seen + 3


async def test_what_cannot_be_there_is_refused(adjust: AdjustStock) -> None:
    for on_hand in (-1, 1_000_000_001):
        with pytest.raises(ValidationFailedError):
            await adjust(WAREHOUSE, "A", on_hand)
    for warehouse, sku in (("a b", "A"), (WAREHOUSE, "A" * 65), (WAREHOUSE, ""), ("a/b", "A")):
        with pytest.raises(NoSuchPlaceError):
            await adjust(warehouse, sku, 1)


async def test_an_adjustment_that_is_given_up_changes_nothing(room: StockRoom, storage: Storage) -> None:
    await room.has(A=5)

    with pytest.raises(GivenUpError):
        async with storage.begin() as tx:
            stock = await tx.stock.lock("A")
            event = stock.adjust(WAREHOUSE, 9, at=NOON)
            assert event is not None
            await tx.stock.save(stock, event)
            raise GivenUpError

    assert await room.level("A") == (5, 0)
    assert (await FindStock(storage.stock)("A")).version == 1


async def test_a_stock_that_was_not_locked_is_not_saved_over_another(
    room: StockRoom, storage: Storage
) -> None:
    unseen = Stock(sku="A")
    event = unseen.adjust(WAREHOUSE, 9, at=NOON)
    assert event is not None
    await room.has(A=5)

    with pytest.raises(ConcurrencyConflictError):
        async with storage.begin() as tx:
            await tx.stock.save(unseen, event)

    assert await room.level("A") == (5, 0)


async def test_who_reserves_waits_for_who_has_the_stock_locked(room: StockRoom, storage: Storage) -> None:
    await room.has(A=5)

    locked = asyncio.Event()

    async def reserve() -> None:
        await locked.wait()
        await room.reserve(lines(A=5))

    waiting = asyncio.create_task(reserve())
    async with storage.begin() as tx:
        stock = await tx.stock.lock("A")
        locked.set()
        await asyncio.sleep(0.02)
        assert not waiting.done()
        event = stock.adjust(WAREHOUSE, 4, at=NOON)
        assert event is not None
        await tx.stock.save(stock, event)

    with pytest.raises(InsufficientStockError):
        await waiting
    assert await room.level("A") == (4, 0)


async def test_all_who_adjust_a_new_sku_at_once_are_heard(adjust: AdjustStock, storage: Storage) -> None:
    await asyncio.wait_for(
        asyncio.gather(*(adjust(f"w{nth % 4}", "A", nth + 1) for nth in range(12))), timeout=60
    )

    found = await FindStock(storage.stock)("A")
    assert len(found.levels) == 4
    assert found.version == 12


async def test_the_database_itself_lets_no_more_be_reserved_than_is_on_hand(
    room: StockRoom, storage: Storage
) -> None:
    if isinstance(storage, MemoryStore):
        return  # it is nobody's but ours
    await room.has(A=5)

    async with storage.read() as connection:
        for wrong in (b"reserved = 6", b"reserved = -1"):
            with pytest.raises(QuaysideError) as refused:
                await connection.execute(b"UPDATE stock_level SET " + wrong)
            assert refused.value.details["constraint"] == "stock_level_not_oversold"
