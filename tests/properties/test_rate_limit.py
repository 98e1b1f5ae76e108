"""The arithmetic of rate limits."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from builders import NOON
from quayside.core.resilience import RateCounter, RateLimit, RateVerdict

limits = st.builds(
    RateLimit,
    name=st.just("hits"),
    count=st.integers(1, 4),
    window_s=st.integers(1, 10),
    growth=st.integers(1, 3),
    longest_wait_s=st.integers(1, 40),
)
pauses = st.lists(st.integers(0, 15_000).map(lambda ms: timedelta(milliseconds=ms)), max_size=40)


def hits(limit: RateLimit, pauses: list[timedelta]) -> list[tuple[RateCounter, RateVerdict, timedelta]]:
    """A hit after each pause: what became of the counter, what was said, and when after noon."""
    course, counter, at = [], None, NOON
    for pause in pauses:
        at += pause
        counter = limit.counted(counter, at)
        course.append((counter, limit.verdict(counter, at), at - NOON))
    return course


@given(limits, pauses)
def test_no_window_lets_more_through_than_its_count(limit: RateLimit, pauses: list[timedelta]) -> None:
    allowed = [at for _, verdict, at in hits(limit, pauses) if verdict.allowed]

    # A window begins with a hit; so whatever comes within one of it is in its own window, or in the next one.
    for first in allowed:
        together = [at for at in allowed if first <= at < first + timedelta(seconds=limit.window_s)]
        assert len(together) <= 2 * limit.count


@given(limits, pauses)
def test_a_limit_that_does_not_grow_is_a_fixed_window(limit: RateLimit, pauses: list[timedelta]) -> None:
    limit = RateLimit(limit.name, limit.count, limit.window_s)
    window = timedelta(seconds=limit.window_s)
    began, used = None, 0

    for _, verdict, at in hits(limit, pauses):
        if began is None or at >= began + window:
            began, used = at, 0
        assert verdict.allowed == (used < limit.count)
        used += verdict.allowed
        assert verdict.remaining == limit.count - used
        assert (
            timedelta(0)
            <= timedelta(seconds=verdict.reset_after_s) - (began + window - at)
            < timedelta(seconds=1)
        )


@given(limits, pauses)
def test_whoever_waits_as_told_is_let_through(limit: RateLimit, pauses: list[timedelta]) -> None:
    for counter, verdict, at in hits(limit, pauses):
        later = NOON + at + timedelta(seconds=verdict.reset_after_s)

        assert limit.verdict(limit.counted(counter, later), later).allowed


@given(limits, pauses)
def test_no_wait_is_longer_than_the_longest(limit: RateLimit, pauses: list[timedelta]) -> None:
    for _, verdict, _ in hits(limit, pauses):
        assert 1 <= verdict.reset_after_s <= max(limit.window_s, limit.longest_wait_s)


@given(limits, st.integers(1, 6))
def test_the_wait_grows_as_long_as_windows_are_used_up_one_after_the_other(
    limit: RateLimit, windows: int
) -> None:
    counter, at, waits = limit.counted(None, NOON), NOON, []
    for _ in range(windows):
        while limit.verdict(counter, at).allowed:
            counter = limit.counted(counter, at)
        waits.append(limit.verdict(counter, at).reset_after_s)
        at += timedelta(seconds=waits[-1])
        counter = limit.counted(counter, at)

    grown = [min(limit.window_s * limit.growth**nth, limit.longest_wait_s) for nth in range(windows)]
    assert waits == [max(limit.window_s, wait) for wait in grown]


@given(limits, pauses, st.integers(0, 100))
def test_a_forgotten_counter_makes_no_difference(
    limit: RateLimit, pauses: list[timedelta], later_s: int
) -> None:
    for counter, _, _ in hits(limit, pauses):
        at = counter.forgotten_at + timedelta(seconds=later_s)

        assert limit.counted(counter, at) == limit.counted(None, at)


@given(limits, pauses)
def test_a_hit_that_is_given_back_was_none(limit: RateLimit, pauses: list[timedelta]) -> None:
    for counter, verdict, at in hits(limit, pauses):
        now = NOON + at
        after = limit.counted(counter, now)
        if limit.verdict(after, now).allowed:
            assert limit.given_back(after, now) == counter
        if verdict.allowed:
            again = limit.counted(limit.given_back(counter, now), now)
            assert limit.verdict(again, now) == verdict


@given(limits, st.integers(1, 10))
def test_no_more_is_given_back_than_there_is(limit: RateLimit, times: int) -> None:
    counter = limit.counted(None, NOON)
    for _ in range(times):
        counter = limit.given_back(counter, NOON)

    assert limit.verdict(limit.counted(counter, NOON), NOON) == limit.verdict(limit.counted(None, NOON), NOON)


@given(limits, pauses, st.timedeltas(timedelta(0), timedelta(days=1)))
def test_a_clock_that_was_set_back_makes_nobody_wait_longer_than_a_window(
    limit: RateLimit, pauses: list[timedelta], back: timedelta
) -> None:
    for counter, _, at in hits(limit, pauses):
        earlier = NOON + at - back

        verdict = limit.verdict(limit.counted(counter, earlier), earlier)

        assert verdict.reset_after_s <= counter.length_s
