"""Walking a list by key while others write to it."""

import asyncio
from datetime import timedelta
from itertools import islice
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import NOON, a_payment
from builders.events import OpenRecorder
from quayside.adapters.memory import MemoryStore
from quayside.core.kernel import PageRequest, Place, Slice, SliceRequest, ValidationFailedError
from quayside.core.payments import Payment, PaymentFilter, PaymentId

# Few moments and few ids, so that there are ties.
places = st.builds(
    Place,
    st.integers(0, 5).map(lambda microseconds: NOON + timedelta(microseconds=microseconds)),
    st.integers(0, 40).map(lambda number: UUID(int=number)),
)


def payment_at(place: Place) -> Payment:
    return a_payment(id=PaymentId(place.id), created_at=place.created_at)[0]


async def save(store: MemoryStore, payment: Payment) -> None:
    async with store.begin() as tx:
        await tx.payments.save(payment, payment.received())


async def walk(old: list[Place], new: list[Place], page_size: int) -> list[Place]:
    """Walk a list that holds *old* while *new* come in, one after each step."""
    store = MemoryStore(OpenRecorder(lambda: NOON, uuid4))
    for place in old:
        await save(store, payment_at(place))
    coming = iter(new)
    first = await store.payments.list(PaymentFilter(), PageRequest(page_size=page_size))
    seen, has_more = list(first.items), first.has_next_page
    while has_more:
        for place in islice(coming, 1):
            await save(store, payment_at(place))
        following = await store.payments.list_after(
            PaymentFilter(), SliceRequest(Place.of(seen[-1]), page_size)
        )
        seen.extend(following.items)
        has_more = following.has_next_page
    return [Place.of(payment) for payment in seen]


@given(
    st.lists(places, unique_by=lambda place: place.id, max_size=30).flatmap(
        lambda all_places: st.integers(0, len(all_places)).map(
            lambda cut: (all_places[:cut], all_places[cut:])
        )
    ),
    st.integers(1, 7),
)
def test_a_walk_sees_each_old_row_once_and_in_order_whatever_comes_in(
    rows: tuple[list[Place], list[Place]], page_size: int
) -> None:
    old, new = rows

    seen = asyncio.run(walk(old, new, page_size))

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen))
    assert [place for place in seen if place in old] == sorted(old, reverse=True)


@given(st.integers(0, 200), st.integers(1, 100))
def test_a_slice_has_a_next_page_just_where_more_was_found_than_is_shown(left: int, page_size: int) -> None:
    request = SliceRequest(Place(NOON, UUID(int=0)), page_size)

    shown = Slice.of(list(range(left))[: request.limit], request)

    assert shown.items == tuple(range(min(left, page_size)))
    assert shown.has_next_page == (left > page_size)


@pytest.mark.parametrize("page_size", [0, -1, 101])
def test_a_slice_has_1_to_100_items(page_size: int) -> None:
    with pytest.raises(ValidationFailedError):
        SliceRequest(Place(NOON, UUID(int=0)), page_size)
