"""The order of ids, whatever the clock and chance do."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from quayside.adapters.memory import ManualClock
from quayside.core.kernel import Uuid7Factory

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
STEPS = st.one_of(st.just(timedelta(0)), st.timedeltas(timedelta(milliseconds=-3), timedelta(milliseconds=3)))


@given(st.lists(st.one_of(MOMENTS, STEPS), min_size=1, max_size=50), st.data())
def test_ids_increase_and_keep_their_layout(
    course: list[datetime | timedelta], chance: st.DataObject
) -> None:
    clock = ManualClock(datetime(2026, 11, 20, tzinfo=UTC))
    new_id = Uuid7Factory(clock, lambda size: chance.draw(st.binary(min_size=size, max_size=size)))

    made = []
    for reading in course:
        clock.now = reading if isinstance(reading, datetime) else clock.now + reading
        made.append(new_id())

    assert made == sorted(set(made))
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}


@given(st.lists(st.integers(0, 5), max_size=8))
def test_ids_drawn_together_are_those_that_would_have_been_drawn_one_by_one(counts: list[int]) -> None:
    clock = ManualClock(datetime(2026, 11, 20, tzinfo=UTC))
    together, singly = (Uuid7Factory(clock, BytesIO(bytes(range(256))).read) for _ in range(2))

    for count in counts:
        assert together.several(count) == [singly() for _ in range(count)]


@given(MOMENTS, st.binary(min_size=10, max_size=10))
def test_the_first_id_carries_the_millisecond_and_all_of_the_entropy(moment: datetime, random: bytes) -> None:
    made = Uuid7Factory(ManualClock(moment), lambda _: random)()

    assert made.int >> 80 == (moment - EPOCH) // timedelta(milliseconds=1)
    assert made.int & (1 << 62) - 1 == int.from_bytes(random) >> 6 & (1 << 62) - 1
    assert made.int >> 64 & 0xFFF == int.from_bytes(random) >> 68
