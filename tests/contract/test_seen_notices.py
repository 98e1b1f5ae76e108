"""What every keeper of seen notices does (`core.payments.SeenNotices`)."""

from datetime import timedelta

from builders import NOON
from quayside.core.payments import SeenNotices


async def test_a_notice_is_seen_once_it_was_added(seen_notices: SeenNotices) -> None:
    await seen_notices.add("evt_1", NOON)

    assert await seen_notices.has("evt_1")
    assert not await seen_notices.has("evt_2")


async def test_adding_again_changes_nothing(seen_notices: SeenNotices) -> None:
    await seen_notices.add("evt_1", NOON)
    await seen_notices.add("evt_1", NOON + timedelta(days=1))

    assert await seen_notices.discard_before(NOON + timedelta(seconds=1), 10) == 1

    assert not await seen_notices.has("evt_1")


async def test_what_was_seen_before_a_time_is_forgotten(seen_notices: SeenNotices) -> None:
    await seen_notices.add("evt_1", NOON - timedelta(microseconds=1))
    await seen_notices.add("evt_2", NOON)

    assert await seen_notices.discard_before(NOON, 10) == 1

    assert not await seen_notices.has("evt_1")
    assert await seen_notices.has("evt_2")


async def test_no_more_are_forgotten_at_once_than_asked_for(seen_notices: SeenNotices) -> None:
    for number in range(3):
        await seen_notices.add(f"evt_{number}", NOON)

    counts = [await seen_notices.discard_before(NOON + timedelta(seconds=1), 2) for _ in range(3)]

    assert counts == [2, 1, 0]
