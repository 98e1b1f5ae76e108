"""What stands between us and a system outside."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from attrs import define, field

from quayside.adapters.resilience import Failures, Guard, GuardTerms
from quayside.core.kernel import Backoff, ExternalServiceError, OutcomeUnknownError, QuaysideError
from quayside.core.resilience import (
    CallOutcome,
    CircuitState,
    CircuitTerms,
    Effect,
    RetryTerms,
    waited_for_until,
)

AWAY = ExternalServiceError("It is away.")
LOST = OutcomeUnknownError("The answer was lost.")
WRONG = QuaysideError("That is wrong.")

ONCE = RetryTerms(tries=1)
THRICE = RetryTerms(tries=3, backoff=Backoff(first_s=1, most_s=10))


@define(eq=False)
class Seen:
    """What an observer was told."""

    outcomes: list[CallOutcome] = field(factory=list)
    retries: int = 0
    circuit: CircuitState = CircuitState.CLOSED

    def attempted(self, operation: str, outcome: CallOutcome, seconds: float) -> None:
        self.outcomes.append(outcome)

    def retried(self, operation: str) -> None:
        self.retries += 1

    def circuit_is(self, state: CircuitState) -> None:
        self.circuit = state


@define(eq=False)
class Outside:
    """
    A system outside on a clock of its own, behind a guard.

    Args:
        fails_with: What its next calls raise; afterwards, they are answered.
    """

    retry: RetryTerms = ONCE
    circuit: CircuitTerms | None = None
    call_limit_s: float | None = 5.0
    fails_with: list[QuaysideError] = field(factory=list)
    now_s: float = 100.0
    calls: int = 0
    waits_s: list[float] = field(factory=list)
    seen: Seen = field(factory=Seen)
    guard: Guard = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.guard = Guard(
            GuardTerms(self.call_limit_s, self.retry, self.circuit),
            Failures(ExternalServiceError, OutcomeUnknownError),
            self.seen,
            chance=lambda: 0.5,
            clock_s=lambda: self.now_s,
            sleep=self.wait,
        )

    async def wait(self, seconds: float) -> None:
        self.waits_s.append(seconds)
        self.now_s += seconds

    async def ask(self, effect: Effect = Effect.KEYED) -> str:
        return await self.guard("ask", effect, self.answer)

    async def answer(self) -> str:
        self.calls += 1
        if self.fails_with:
            raise self.fails_with.pop(0)
        return "answer"


@pytest.mark.parametrize("effect", Effect)
async def test_what_surely_did_nothing_is_tried_again_after_a_wait_that_grows(effect: Effect) -> None:
    outside = Outside(THRICE, fails_with=[AWAY, AWAY])

    assert await outside.ask(effect) == "answer"

    assert outside.waits_s == [0.5, 1.0]
    assert outside.seen.retries == 2


@pytest.mark.parametrize(("effect", "calls"), [(Effect.NONE, 3), (Effect.KEYED, 3), (Effect.PLAIN, 1)])
async def test_a_lost_answer_is_asked_for_again_only_where_that_does_nothing_twice(
    effect: Effect, calls: int
) -> None:
    outside = Outside(THRICE, fails_with=[LOST, LOST, LOST])

    with pytest.raises(QuaysideError):
        await outside.ask(effect)

    assert outside.calls == calls


async def test_what_is_wrong_is_not_tried_again() -> None:
    outside = Outside(THRICE, fails_with=[WRONG])

    with pytest.raises(QuaysideError, match=r"That is wrong"):
        await outside.ask()

    assert outside.calls == 1


async def test_a_lost_answer_stays_lost_when_another_try_did_nothing() -> None:
    outside = Outside(THRICE, fails_with=[LOST, AWAY, AWAY])

    with pytest.raises(OutcomeUnknownError):
        await outside.ask()


async def test_a_lost_answer_stays_lost_when_the_circuit_lets_no_other_try_through() -> None:
    outside = Outside(THRICE, CircuitTerms(least_calls=1), fails_with=[LOST])

    with pytest.raises(OutcomeUnknownError):
        await outside.ask()

    assert outside.seen.outcomes == [CallOutcome.UNKNOWN, CallOutcome.CIRCUIT_OPEN]


async def test_the_lost_answer_to_what_changes_nothing_is_no_more_than_a_failure() -> None:
    outside = Outside(fails_with=[LOST])

    with pytest.raises(ExternalServiceError):
        await outside.ask(Effect.NONE)


@pytest.mark.parametrize(("left_s", "calls"), [(2, 0), (5, 0), (5.1, 1)])
async def test_no_call_is_begun_that_could_not_end_in_time(left_s: float, calls: int) -> None:
    outside = Outside()

    with waited_for_until(outside.now_s + left_s):
        await _whatever_comes(outside.ask)

    assert outside.calls == calls
    assert outside.seen.outcomes == [CallOutcome.ANSWERED if calls else CallOutcome.OUT_OF_TIME]


async def test_what_was_not_begun_for_want_of_time_surely_did_nothing() -> None:
    outside = Outside()

    with waited_for_until(outside.now_s), pytest.raises(ExternalServiceError):
        await outside.ask()


async def test_nobody_waits_for_another_try_that_there_is_no_time_for() -> None:
    outside = Outside(THRICE, fails_with=[AWAY, AWAY])

    with waited_for_until(outside.now_s + 6.4):
        await _whatever_comes(outside.ask)

    assert (outside.calls, outside.waits_s) == (2, [0.5])


async def test_an_inner_deadline_does_not_put_off_an_outer_one() -> None:
    outside = Outside()

    with waited_for_until(outside.now_s + 2), waited_for_until(outside.now_s + 60):
        await _whatever_comes(outside.ask)

    assert outside.calls == 0


@pytest.mark.parametrize(
    ("effect", "failure"), [(Effect.NONE, ExternalServiceError), (Effect.KEYED, OutcomeUnknownError)]
)
async def test_an_attempt_ends_at_its_limit(effect: Effect, failure: type[QuaysideError]) -> None:
    outside = Outside(call_limit_s=0.01)

    with pytest.raises(failure):
        await outside.guard("ask", effect, lambda: asyncio.sleep(60))


async def test_a_circuit_that_opened_lets_one_probe_through_after_its_rest() -> None:
    outside = Outside(circuit=CircuitTerms(least_calls=2, rest_s=5), fails_with=[AWAY, AWAY])
    for _ in range(3):
        await _whatever_comes(outside.ask)
    assert (outside.calls, outside.seen.circuit) == (2, CircuitState.OPEN)

    outside.now_s += 5
    answers = [outside.guard("ask", Effect.NONE, outside.answer) for _ in range(2)]
    results = await asyncio.gather(*answers, return_exceptions=True)

    assert "answer" in results
    assert outside.seen.circuit is CircuitState.CLOSED


async def test_a_probe_that_was_given_up_makes_room_for_the_next() -> None:
    outside = Outside(circuit=CircuitTerms(least_calls=1, rest_s=5), fails_with=[AWAY])
    await _whatever_comes(outside.ask)
    outside.now_s += 5
    probe = asyncio.create_task(outside.guard("ask", Effect.NONE, asyncio.Event().wait))
    await asyncio.sleep(0)
    with pytest.raises(ExternalServiceError):
        await outside.ask()

    probe.cancel()
    await asyncio.wait([probe])

    assert await outside.ask() == "answer"
    assert CallOutcome.ABANDONED in outside.seen.outcomes


async def test_refusals_do_not_open_a_circuit() -> None:
    outside = Outside(circuit=CircuitTerms(least_calls=1), fails_with=[WRONG])

    await _whatever_comes(outside.ask)

    assert await outside.ask() == "answer"


async def _whatever_comes(call: Callable[[], Awaitable[object]]) -> None:
    with suppress(QuaysideError):
        await call()
