"""The life of stock, and of reservations that are asked for out of order and again, held against a model."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from builders import Business
from builders.stock import StockRoom, replayed
from quayside.core.inventory import (
    InsufficientStockError,
    InvalidReservationTransitionError,
    ReservationId,
    ReservationIdReusedError,
    ReservationLine,
    ReservationNotFoundError,
    ReservationStatus,
)
from quayside.core.kernel import QuaysideError

ORDER = UUID(int=1)
ids = st.integers(1, 4).map(lambda number: ReservationId(UUID(int=number)))
skus = st.sampled_from("AB")
warehouses = st.sampled_from(["north", "south"])
lines = st.lists(st.builds(ReservationLine, skus, st.integers(1, 4)), min_size=1, max_size=3)

HELD, RELEASED, COMMITTED, EXPIRED = ReservationStatus
Place = tuple[str, str]


class StockLife(RuleBasedStateMachine):
    """What the model knows: pieces by place, and of each reservation its place and pieces, its state and its end."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()  # one for all steps: each of its own would take longer than they do
        self.business = Business()
        self.room = StockRoom(self.business.store, self.business.clock)
        self.on_hand: dict[Place, int] = {}
        self.made: dict[ReservationId, tuple[Any, ReservationStatus, Any]] = {}

    @rule(warehouse=warehouses, sku=skus, on_hand=st.integers(0, 9))
    def is_counted(self, warehouse: str, sku: str, on_hand: int) -> None:
        fits = on_hand >= self.reserved[sku, warehouse]
        self.does(self.room.has_in(warehouse, **{sku: on_hand}), None if fits else InsufficientStockError)
        if fits:
            self.on_hand[sku, warehouse] = on_hand

    @rule(id_=ids, warehouse=warehouses, wanted=lines, minutes=st.none() | st.integers(-1, 3))
    def is_reserved(
        self, id_: ReservationId, warehouse: str, wanted: list[ReservationLine], minutes: int | None
    ) -> None:
        expires_at = None if minutes is None else self.business.clock() + timedelta(minutes=minutes)
        pieces: Counter[Place] = Counter()
        for line in wanted:
            pieces[line.sku, warehouse] += line.quantity
        refused: type[QuaysideError] | None = None
        if id_ in self.made:
            before, status, _ = self.made[id_]
            if status in {RELEASED, EXPIRED}:
                refused = InvalidReservationTransitionError
            elif before != pieces:
                refused = ReservationIdReusedError
        elif any(count > self.available(place) for place, count in pieces.items()):
            refused = InsufficientStockError
        self.does(self.room.reserve_stock(id_, ORDER, warehouse, wanted, expires_at), refused)
        if refused is None and id_ not in self.made:
            self.made[id_] = pieces, HELD, expires_at

    @rule(id_=ids)
    def is_released(self, id_: ReservationId) -> None:
        pieces, status, expires_at = self.made.get(id_, (Counter(), HELD, None))
        refused = InvalidReservationTransitionError if status is COMMITTED else None
        self.does(self.room.release(id_), refused)
        if status is HELD:
            self.made[id_] = pieces, RELEASED, expires_at

    @rule(id_=ids)
    def is_committed(self, id_: ReservationId) -> None:
        if id_ not in self.made:
            self.does(self.room.commit(id_), ReservationNotFoundError)
            return
        pieces, status, expires_at = self.made[id_]
        refused = InvalidReservationTransitionError if status in {RELEASED, EXPIRED} else None
        self.does(self.room.commit(id_), refused)
        if status is HELD:
            self.made[id_] = pieces, COMMITTED, expires_at
            for place, count in pieces.items():
                self.on_hand[place] -= count

    @rule(minutes=st.integers(0, 2))
    def time_passes_and_what_is_over_expires(self, minutes: int) -> None:
        self.business.clock.advance(timedelta(minutes=minutes))
        self.does(self.room.expire(100), None)
        for id_, (pieces, status, expires_at) in self.made.items():
            if status is HELD and expires_at is not None and expires_at <= self.business.clock():
                self.made[id_] = pieces, EXPIRED, expires_at

    @invariant()
    def each_level_is_what_the_model_has_and_what_the_events_add_up_to(self) -> None:
        expected = {place: (pieces, self.reserved[place]) for place, pieces in self.on_hand.items()}
        assert self.runner.run(self.levels()) == expected
        recorded = self.runner.run(self.business.store.events.read_all())
        assert replayed(each.event for each in recorded) == expected

    @invariant()
    def each_reservation_is_in_the_state_that_the_model_has(self) -> None:
        found = {id_: self.runner.run(self.business.store.reservations.find(id_)) for id_ in self.made}
        assert {id_: each and each.status for id_, each in found.items()} == {
            id_: status for id_, (_, status, _) in self.made.items()
        }

    def teardown(self) -> None:
        self.runner.close()

    @property
    def reserved(self) -> Counter[Place]:
        held = (pieces for pieces, status, _ in self.made.values() if status is HELD)
        return sum(held, Counter[Place]())

    def available(self, place: Place) -> int:
        return self.on_hand.get(place, 0) - self.reserved[place]

    def does(self, work: Coroutine[Any, Any, object], refused: type[QuaysideError] | None) -> None:
        """Do it; it is refused so, or not at all."""
        try:
            self.runner.run(work)
        except QuaysideError as error:
            assert type(error) is refused  # noqa: PT017 - most often it is not
        else:
            assert refused is None

    async def levels(self) -> dict[Place, tuple[int, int]]:
        found = [await self.business.store.stock.find(sku) for sku in "AB"]
        return {
            (stock.sku, name): (level.on_hand, level.reserved)
            for stock in found
            if stock is not None
            for name, level in stock.levels.items()
        }


TestStockLife = StockLife.TestCase
TestStockLife.settings = settings(stateful_step_count=25)
