"""What every store of reservations does (`core.inventory.Reservations`), through the use cases, and under races."""

from datetime import timedelta
from uuid import UUID

import pytest

from builders import NOON
from builders.events import a_stream, notes
from builders.stock import AN_ORDER, WAREHOUSE, StockRoom, a_reservation_id, at_once, lines
from builders.transactions import GivenUpError
from contract.conftest import Storage
from quayside.adapters.memory import ManualClock
from quayside.core.inventory import (
    InsufficientStockError,
    InvalidReservationTransitionError,
    Reservation,
    ReservationIdReusedError,
    ReservationLine,
    ReservationNotFoundError,
    ReservationReleased,
    ReservationStatus,
    StockReserved,
)
from quayside.core.kernel import (
    ConcurrencyConflictError,
    NestedTransactionError,
    ValidationFailedError,
)


@pytest.fixture
def room(storage: Storage, clock: ManualClock) -> StockRoom:
    """Empty warehouses."""
    return StockRoom(storage, clock)


async def story_of(storage: Storage, reservation: Reservation) -> list[str]:
    events = await storage.events.read_stream(reservation.stream)
    assert len(events) == reservation.version
    return [each.event.type_name() for each in events]


async def test_all_lines_are_held_those_of_one_sku_summed_and_it_is_told_once(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=5, B=5)
    wanted = [ReservationLine("B", 1), ReservationLine("A", 2), ReservationLine("B", 3)]

    reservation = await room.reserve(wanted)

    assert (await room.level("A"), await room.level("B")) == ((5, 2), (5, 4))
    found = await storage.reservations.find(reservation.id)
    assert found is not None
    assert found.lines == lines(A=2, B=4)
    assert (found.status, found.warehouse, found.reference) == ("Held", WAREHOUSE, AN_ORDER)
    assert (found.version, found.expires_at, found.created_at) == (1, None, NOON)
    assert list(await storage.events.read_events(found.stream)) == [
        StockReserved(found.id, AN_ORDER, WAREHOUSE, lines(A=2, B=4), None, NOON)
    ]


async def test_where_one_line_is_short_none_is_held_and_all_that_are_short_are_named(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=5, B=1, C=0)
    id_ = a_reservation_id()

    with pytest.raises(InsufficientStockError) as refused:
        await room.reserve(lines(D=1, C=1, B=2, A=5), id_)

    assert refused.value.skus == ("B", "C", "D")
    assert await room.level("A") == (5, 0)
    assert await storage.reservations.find(id_) is None
    assert (await room.reserve(lines(A=5), id_)).version == 1


async def test_two_lines_of_one_sku_are_not_each_held_against_all_there_is(room: StockRoom) -> None:
    await room.has(A=5)

    with pytest.raises(InsufficientStockError):
        await room.reserve([ReservationLine("A", 3), ReservationLine("A", 3)])


async def test_what_another_warehouse_has_does_not_count(room: StockRoom) -> None:
    await room.has_in("north", A=5)

    with pytest.raises(InsufficientStockError):
        await room.reserve(lines(A=1), warehouse="south")


async def test_what_is_reserved_under_one_id_is_reserved_once_even_if_it_was_the_last(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=5, B=5)
    first = await room.reserve(lines(A=5))

    again = await room.reserve_stock(first.id, AN_ORDER, WAREHOUSE, lines(A=5), NOON)

    assert (again.id, again.version, again.expires_at) == (first.id, 1, None)
    assert await room.level("A") == (5, 5)
    for other in [(AN_ORDER, lines(B=5)), (AN_ORDER, lines(A=4)), (UUID(int=7), lines(A=5))]:
        with pytest.raises(ReservationIdReusedError):
            await room.reserve_stock(first.id, other[0], WAREHOUSE, other[1])
    assert await room.level("B") == (5, 0)
    assert await story_of(storage, first) == ["StockReserved"]


async def test_what_is_released_is_available_again_and_released_once(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=5)
    reservation = await room.reserve(lines(A=3))

    released = [await room.release(reservation.id) for _ in range(3)][-1]

    assert released.status is ReservationStatus.RELEASED
    assert await room.level("A") == (5, 0)
    assert await story_of(storage, released) == ["StockReserved", "ReservationReleased"]
    with pytest.raises(InvalidReservationTransitionError):
        await room.commit(reservation.id)
    with pytest.raises(InvalidReservationTransitionError):
        await room.reserve(lines(A=3), reservation.id)


async def test_what_is_committed_has_left_the_warehouse_once_and_is_not_given_back(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=5)
    reservation = await room.reserve(lines(A=3))

    committed = [await room.commit(reservation.id) for _ in range(3)][-1]

    assert committed.status is ReservationStatus.COMMITTED
    assert await room.level("A") == (2, 0)
    with pytest.raises(InvalidReservationTransitionError):
        await room.release(reservation.id)
    assert (await room.reserve(lines(A=3), reservation.id)).status is ReservationStatus.COMMITTED
    assert await story_of(storage, committed) == ["StockReserved", "ReservationCommitted"]
    with pytest.raises(ReservationNotFoundError):
        await room.commit(a_reservation_id())


async def test_what_was_released_before_it_was_made_is_not_made_any_more(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=5)
    id_ = a_reservation_id()

    released = [await room.release(id_) for _ in range(2)][-1]

    with pytest.raises(InvalidReservationTransitionError):
        await room.reserve(lines(A=1), id_)
    with pytest.raises(InvalidReservationTransitionError):
        await room.commit(id_)
    assert await room.level("A") == (5, 0)
    assert list(await storage.events.read_events(released.stream)) == [
        ReservationReleased(id_, None, (), NOON)
    ]


async def test_what_is_over_expires_in_batches_the_oldest_first(
    room: StockRoom, storage: Storage, clock: ManualClock
) -> None:
    await room.has(A=9)
    later = [NOON + timedelta(minutes=minutes) for minutes in (3, 1, 2, 60)]
    made = [await room.reserve_stock(a_reservation_id(), AN_ORDER, WAREHOUSE, lines(A=1), at) for at in later]
    for_ever = await room.reserve(lines(A=1))
    await room.release(made[3].id)
    clock.advance(timedelta(minutes=3))

    assert [each.id for each in await storage.reservations.due(clock(), 9)] == [
        made[nth].id for nth in (1, 2, 0)
    ]
    assert [await room.expire(2), await room.expire(2), await room.expire(2)] == [2, 1, 0]

    assert await room.level("A") == (9, 1)
    (held,) = [each for each in [*made, for_ever] if (await find(storage, each)).status == "Held"]
    assert held is for_ever
    expired = await room.release(made[0].id)
    assert expired.status is ReservationStatus.EXPIRED
    assert await story_of(storage, expired) == ["StockReserved", "ReservationExpired"]
    for verb in (room.commit(made[0].id), room.reserve(lines(A=1), made[0].id)):
        with pytest.raises(InvalidReservationTransitionError):
            await verb


async def find(storage: Storage, reservation: Reservation) -> Reservation:
    found = await storage.reservations.find(reservation.id)
    assert found is not None
    return found


async def test_a_stale_save_changes_nothing(room: StockRoom, storage: Storage) -> None:
    await room.has(A=5)
    stale = await room.reserve(lines(A=3))
    await room.release(stale.id)
    event = stale.commit(at=NOON)
    assert event is not None

    with pytest.raises(ConcurrencyConflictError) as refused:
        await storage.reservations.save(stale, event)

    assert (refused.value.expected, refused.value.actual) == (1, 2)
    assert await room.level("A") == (5, 0)


async def test_inside_a_transaction_it_is_refused_for_it_would_not_roll_back_with_it(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=5)

    async with storage.begin():
        with pytest.raises(NestedTransactionError):
            await room.reserve(lines(A=1))

    assert await room.level("A") == (5, 0)


async def test_together_with_something_else_it_is_committed_or_given_up_as_a_whole(
    room: StockRoom, storage: Storage
) -> None:
    await room.has(A=5)
    reservation = await room.reserve(lines(A=3))
    stream = a_stream()

    async def ship(note: str) -> None:
        async with storage.begin() as tx:
            await tx.events.append(stream, notes(note), None)
            held = await tx.reservations.find(reservation.id)
            assert held is not None
            event = held.commit(at=NOON)
            assert event is not None
            await tx.reservations.save(held, event)
            if note == "given up":
                raise GivenUpError

    with pytest.raises(GivenUpError):
        await ship("given up")
    assert await room.level("A") == (5, 3)
    outcomes = await at_once(ship("shipped"), room.release(reservation.id), ship("shipped"))

    assert sum(isinstance(each, Exception) for each in outcomes) == 2
    found = await find(storage, reservation)
    shipped = found.status == "Committed"
    assert await room.level("A") == ((2, 0) if shipped else (5, 0))
    assert len(await storage.events.read_events(stream)) == shipped
    assert found.version == 2


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        ((), ["lines"]),
        ([ReservationLine("A", 0), ReservationLine("a b", 1)], ["lines.0.quantity", "lines.1.sku"]),
        ([ReservationLine("A" * 65, 1_000_000_001)], ["lines.0.sku", "lines.0.quantity"]),
    ],
    ids=["nothing", "no pieces", "too much"],
)
async def test_what_cannot_be_reserved_is_told_by_line(
    room: StockRoom, wanted: list[ReservationLine], fields: list[str]
) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        await room.reserve(wanted)

    assert [error.field for error in refused.value.field_errors] == fields
