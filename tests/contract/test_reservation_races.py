"""What every store of reservations does where many are at it at once (`core.inventory.Reservations`)."""

import asyncio
from collections import Counter

import pytest

from builders.stock import WAREHOUSE, StockRoom, a_reservation_id, at_once, lines, replayed
from contract.conftest import Storage
from quayside.adapters.memory import ManualClock, MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.inventory import (
    InsufficientStockError,
    InvalidReservationTransitionError,
    Reservation,
    ReservationStatus,
)
from quayside.core.kernel import OutcomeUnknownError


@pytest.fixture
def room(storage: Storage, clock: ManualClock) -> StockRoom:
    """Empty warehouses."""
    return StockRoom(storage, clock)


def count(outcomes: list[object], kind: type) -> int:
    return sum(isinstance(outcome, kind) for outcome in outcomes)


async def test_of_five_hundred_who_want_one_of_a_hundred_exactly_a_hundred_get_it(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=100)

    outcomes = await at_once(*(room.reserve(lines(A=1)) for _ in range(500)))

    assert count(outcomes, Reservation) == 100
    assert count(outcomes, InsufficientStockError) == 400
    assert await room.level("A") == (100, 100)
    assert len({each.stream for each in await storage.events.read_all()}) == 101


async def test_those_who_want_the_same_in_opposite_orders_do_not_wait_for_each_other_for_ever(
    room: StockRoom,
) -> None:
    await room.has(A=1_000, B=1_000, C=1_000)
    wanted = [lines(A=1, B=1), lines(B=1, A=1), lines(C=1, A=1), lines(B=1, C=1)]

    held = await at_once(*(room.reserve(each) for each in wanted * 25))
    assert count(held, Reservation) == 100
    ids = [each.id for each in held if isinstance(each, Reservation)]
    let_go = await at_once(
        *map(room.release, ids[::2]),
        *map(room.commit, ids[1::2]),
        *(room.reserve(each) for each in wanted * 10),
        *(room.has(**{sku: 2_000}) for sku in "ABC"),
    )

    assert count(let_go, Exception) == 0, let_go
    assert [(await room.level(sku))[1] for sku in "ABC"] == [30, 30, 20]


async def test_of_those_who_reserve_and_release_one_id_at_once_all_agree_in_the_end(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=50)
    ids = [a_reservation_id() for _ in range(20)]

    outcomes = await at_once(
        *(work for id_ in ids for work in (room.reserve(lines(A=1), id_), room.release(id_))),
        *(room.reserve(lines(A=1), id_) for id_ in ids),
    )

    allowed = Reservation | InvalidReservationTransitionError
    assert all(isinstance(outcome, allowed) for outcome in outcomes), outcomes
    statuses = Counter([(await storage.reservations.find(id_)).status for id_ in ids])  # type: ignore[union-attr]
    assert statuses == {ReservationStatus.RELEASED: 20}
    assert await room.level("A") == (50, 0)


async def test_of_those_who_reserve_the_last_under_one_id_all_are_told_of_the_one(room: StockRoom) -> None:
    await room.has(A=3)
    id_ = a_reservation_id()

    outcomes = await at_once(*(room.reserve(lines(A=3), id_) for _ in range(10)))

    assert count(outcomes, Reservation) == 10, outcomes
    assert await room.level("A") == (3, 3)


async def test_of_those_who_release_and_commit_at_once_one_wins(room: StockRoom) -> None:
    await room.has(A=20)
    held = [await room.reserve(lines(A=1)) for _ in range(20)]

    outcomes = await at_once(
        *(work for each in held for work in (room.release(each.id), room.commit(each.id)))
    )

    assert count(outcomes, Reservation) == 20
    assert count(outcomes, InvalidReservationTransitionError) == 20
    on_hand, reserved = await room.level("A")
    assert reserved == 0
    shipped = sum(isinstance(each, Reservation) and each.status == "Committed" for each in outcomes)
    assert on_hand == 20 - shipped


async def test_what_happened_adds_up_to_what_there_is(room: StockRoom, storage: Storage) -> None:
    await room.has(A=30, B=30)

    async def live(nth: int) -> None:
        held = await room.reserve(lines(A=1, B=2) if nth % 2 else lines(B=1, A=1))
        if nth % 3:
            await (room.release if nth % 3 == 1 else room.commit)(held.id)

    await at_once(*(live(nth) for nth in range(20)), room.has(A=40), room.has(B=35))

    told = replayed([each.event for each in await storage.events.read_all()])
    assert told == {(sku, WAREHOUSE): await room.level(sku) for sku in ("A", "B")}


async def test_a_reservation_whose_answer_is_lost_was_made_or_not_and_asking_again_finds_out(
    room: StockRoom, storage: Storage
) -> None:
    if isinstance(storage, MemoryStore):
        return  # its answers are not lost
    await room.has(A=5, B=5)
    id_ = a_reservation_id()
    locked = asyncio.Event()

    async def reserve() -> Reservation:
        await locked.wait()
        return await room.reserve(lines(A=5, B=5), id_)

    lost = asyncio.create_task(reserve())
    async with storage.begin() as tx:
        await tx.stock.lock("B")
        locked.set()
        assert await _kill_who_waits(storage) == 1  # it has A locked, and waits for B
    with pytest.raises(OutcomeUnknownError):
        await lost

    assert (await room.level("A"), await room.level("B")) == ((5, 0), (5, 0))
    assert await storage.reservations.find(id_) is None
    assert (await room.reserve(lines(A=5, B=5), id_)).version == 1


async def _kill_who_waits(database: PostgresDatabase) -> int:
    async with database.read() as connection, asyncio.timeout(10):
        while True:
            cursor = await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if killed := await cursor.fetchall():
                return len(killed)
