"""What every rate limiter does (`core.resilience.RateLimiter`)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import NOON
from quayside.adapters.memory import ManualClock
from quayside.core.resilience import RateCounter, RateLimit, RateLimiter, RateVerdict

LIMIT = RateLimit("hits", count=3, window_s=60)
GROWING = RateLimit("failures", count=2, window_s=60, growth=2, longest_wait_s=200)


async def hits(limiter: RateLimiter, times: int, limit: RateLimit = LIMIT, key: str = "ada") -> list[bool]:
    return [(await limiter.hit(limit, key)).allowed for _ in range(times)]


async def test_so_many_are_allowed_and_the_next_is_refused(limiter: RateLimiter) -> None:
    verdicts = [await limiter.hit(LIMIT, "ada") for _ in range(5)]

    assert verdicts == [
        RateVerdict(allowed=True, limit=3, remaining=2, reset_after_s=60),
        RateVerdict(allowed=True, limit=3, remaining=1, reset_after_s=60),
        RateVerdict(allowed=True, limit=3, remaining=0, reset_after_s=60),
        RateVerdict(allowed=False, limit=3, remaining=0, reset_after_s=60),
        RateVerdict(allowed=False, limit=3, remaining=0, reset_after_s=60),
    ]


async def test_the_rest_of_the_window_is_told_in_whole_seconds_rounded_up(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    await limiter.hit(LIMIT, "ada")

    clock.advance(timedelta(seconds=58, milliseconds=999))
    assert (await limiter.hit(LIMIT, "ada")).reset_after_s == 2
    clock.advance(timedelta(milliseconds=1_000))
    assert (await limiter.hit(LIMIT, "ada")).reset_after_s == 1


async def test_a_window_begins_with_the_first_hit_and_the_next_one_anew(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    await hits(limiter, 4)

    clock.advance(timedelta(seconds=60) - timedelta(microseconds=1))
    assert await hits(limiter, 1) == [False]
    clock.advance(timedelta(microseconds=1))
    assert await hits(limiter, 4) == [True, True, True, False]


async def test_keys_and_limits_are_counted_apart(limiter: RateLimiter) -> None:
    other = RateLimit("other", count=1, window_s=60)
    await hits(limiter, 4)

    assert await hits(limiter, 1, key="bob") == [True]
    assert await hits(limiter, 2, other) == [True, False]


@pytest.mark.parametrize("key", ["", "a:b", "x" * 10_000, "Zoë\x00🌹", "\ud800", "{a}*"])
async def test_any_text_is_a_key(limiter: RateLimiter, key: str) -> None:
    assert await hits(limiter, 4, key=key) == [True, True, True, False]


async def test_the_wait_grows_while_windows_are_used_up(limiter: RateLimiter, clock: ManualClock) -> None:
    waits = []
    for _ in range(4):
        assert await hits(limiter, 2, GROWING) == [True, True]
        refused = await limiter.hit(GROWING, "ada")
        waits.append(refused.reset_after_s)
        clock.advance(timedelta(seconds=refused.reset_after_s))

    assert waits == [60, 120, 200, 200]


async def test_no_window_is_shorter_than_the_first(limiter: RateLimiter, clock: ManualClock) -> None:
    limit = RateLimit("failures", count=1, window_s=60, growth=2, longest_wait_s=30)
    await hits(limiter, 1, limit)
    clock.advance(timedelta(seconds=60))

    assert (await limiter.hit(limit, "ada")).reset_after_s == 60


async def test_the_wait_is_short_again_after_a_window_that_was_not_used_up(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    await hits(limiter, 2, GROWING)
    clock.advance(timedelta(seconds=60))
    assert (await limiter.hit(GROWING, "ada")).reset_after_s == 120
    clock.advance(timedelta(seconds=120))

    assert (await limiter.hit(GROWING, "ada")).reset_after_s == 60


async def test_the_wait_is_short_again_after_as_long_a_rest(limiter: RateLimiter, clock: ManualClock) -> None:
    await hits(limiter, 2, GROWING)
    clock.advance(timedelta(seconds=120))

    assert (await limiter.hit(GROWING, "ada")).reset_after_s == 60


async def test_what_is_given_back_may_be_used_again(limiter: RateLimiter, clock: ManualClock) -> None:
    await hits(limiter, 5)

    await limiter.give_back(LIMIT, "ada")

    assert await hits(limiter, 2) == [True, False]


async def test_what_was_given_back_used_nothing_up(limiter: RateLimiter, clock: ManualClock) -> None:
    await hits(limiter, 2, GROWING)
    await limiter.give_back(GROWING, "ada")
    clock.advance(timedelta(seconds=60))

    assert (await limiter.hit(GROWING, "ada")).reset_after_s == 60


async def test_no_more_is_given_back_than_was_counted(limiter: RateLimiter) -> None:
    await limiter.give_back(LIMIT, "ada")
    await hits(limiter, 1)
    for _ in range(3):
        await limiter.give_back(LIMIT, "ada")

    assert await hits(limiter, 4) == [True, True, True, False]


async def test_what_comes_back_late_changes_nothing(limiter: RateLimiter, clock: ManualClock) -> None:
    await hits(limiter, 2, GROWING)
    clock.advance(timedelta(seconds=60))

    await limiter.give_back(GROWING, "ada")

    assert (await limiter.hit(GROWING, "ada")).reset_after_s == 120


async def test_of_many_at_once_just_so_many_are_allowed(limiter: RateLimiter) -> None:
    limit = RateLimit("hits", count=10, window_s=60)

    verdicts = await asyncio.gather(*(limiter.hit(limit, "ada") for _ in range(50)))

    assert sum(verdict.allowed for verdict in verdicts) == 10
    assert sorted((verdict.remaining for verdict in verdicts if verdict.allowed), reverse=True) == [
        *range(9, -1, -1)
    ]


async def test_none_that_comes_back_while_others_come_is_lost(limiter: RateLimiter) -> None:
    limit = RateLimit("hits", count=20, window_s=60)

    async def hit_and_give_back() -> None:
        await limiter.hit(limit, "ada")
        await limiter.give_back(limit, "ada")

    await asyncio.gather(
        *(hit_and_give_back() for _ in range(10)), *(hits(limiter, 1, limit) for _ in range(10))
    )

    assert (await limiter.hit(limit, "ada")).remaining == 9


async def test_a_clock_that_was_set_back_makes_nobody_wait_longer(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    await hits(limiter, 4)

    clock.advance(-timedelta(days=1))

    assert (await limiter.hit(LIMIT, "ada")).reset_after_s == 60


course = st.lists(
    st.tuples(
        st.timedeltas(timedelta(seconds=-2), timedelta(seconds=15)),
        st.sampled_from(["hit", "hit", "hit", "give_back"]),
    ),
    max_size=20,
)


# The limiter is shared by all examples: each has a key of its own.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.builds(
        RateLimit,
        name=st.just("hits"),
        count=st.integers(0, 3),
        window_s=st.integers(1, 10),
        growth=st.integers(1, 3),
        longest_wait_s=st.integers(1, 40),
    ),
    course=course,
)
async def test_any_course_of_hits_is_told_what_the_algorithm_says(
    limiter: RateLimiter, clock: ManualClock, limit: RateLimit, course: list[tuple[timedelta, str]]
) -> None:
    counter: RateCounter | None = None
    key = str(uuid4())
    clock.now = NOON

    for pause, verb in course:
        clock.advance(pause)
        if verb == "hit":
            counter = limit.counted(counter, clock())
            assert await limiter.hit(limit, key) == limit.verdict(counter, clock())
        else:
            counter = counter and limit.given_back(counter, clock())
            await limiter.give_back(limit, key)
