"""What stands between us and a system outside."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from attrs import define, field, frozen

from ...core.kernel import ExternalServiceError, QuaysideError
from ...core.resilience import (
    CallObserver,
    CallOutcome,
    CircuitBreaker,
    CircuitTerms,
    Effect,
    FailureClass,
    Permit,
    RetryTerms,
    failure_class,
    time_left_s,
    turn_to_ask,
)

T = TypeVar("T")


@frozen
class GuardTerms:
    """
    How much is asked of a system outside, and how patiently.

    Args:
        call_limit_s: How long one attempt may take; none is begun that whoever waits could not see through to its
            end. None: as long as whoever waits.
        circuit: None where its failures are no reason to leave it alone.
    """

    call_limit_s: float | None
    retry: RetryTerms
    circuit: CircuitTerms | None


@frozen
class Failures:
    """
    What callers of the system are told, each given the reason.

    Args:
        undone: Nothing was done; an ``ExternalServiceError``.
        unknown: It may have been done; an ``OutcomeUnknownError``.
    """

    undone: Callable[[str], QuaysideError]
    unknown: Callable[[str], QuaysideError]


@define(eq=False)
class Guard:
    """
    Makes calls to one system outside: in its turn, in the time that is left, through a circuit, and again where that is
    safe.

    What fails after an attempt whose answer was lost fails as that: another attempt that did nothing says nothing of
    the one before.

    Args:
        observer: Told of every attempt.
        clock_s: Seconds that never go back; those that deadlines are set by.
        sleep: Waits so many seconds.
        chance: Evenly distributed in [0, 1).
    """

    terms: GuardTerms
    failures: Failures
    observer: CallObserver
    chance: Callable[[], float]
    clock_s: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    _breaker: CircuitBreaker | None = field(init=False)

    @_breaker.default
    def _breaker_of_terms(self) -> CircuitBreaker | None:
        return CircuitBreaker(self.terms.circuit) if self.terms.circuit else None

    async def __call__(self, operation: str, effect: Effect, call: Callable[[], Awaitable[T]]) -> T:
        """
        Make *call*, more than once if need be.

        Args:
            operation: Its name; one of few.
        """
        tries = 0
        lost: QuaysideError | None = None
        while True:
            tries += 1
            try:
                async with turn_to_ask():
                    return await self._attempt(operation, call)
            except QuaysideError as error:
                if failure_class(error) is FailureClass.UNKNOWN:
                    lost = error
                wait_s = self.terms.retry.wait_s(error, effect, tries, self.chance())
                if (
                    wait_s is None
                    or isinstance(error, _NotBegunError)
                    or not self._is_time_for_another(wait_s)
                ):
                    raise self._told(error, lost, effect) from error
            self.observer.retried(operation)
            await self.sleep(wait_s)

    def _told(self, error: QuaysideError, lost: QuaysideError | None, effect: Effect) -> QuaysideError:
        if failure_class(error) is FailureClass.FINAL:
            return error
        if lost is not None and effect is not Effect.NONE:
            return lost
        return self.failures.undone(error.message) if lost or isinstance(error, _NotBegunError) else error

    def _is_time_for_another(self, wait_s: float) -> bool:
        return time_left_s(self.clock_s()) > wait_s + (self.terms.call_limit_s or 0)

    async def _attempt(self, operation: str, call: Callable[[], Awaitable[T]]) -> T:
        permit = self._admitted(operation)
        began_at_s = self.clock_s()
        outcome = CallOutcome.ABANDONED
        try:
            answer = await self._limited(call)
        except QuaysideError as error:
            outcome = CallOutcome(failure_class(error).value)
            raise
        else:
            outcome = CallOutcome.ANSWERED
            return answer
        finally:
            self._count(operation, permit, outcome, began_at_s)

    def _admitted(self, operation: str) -> Permit | None:
        at_s = self.clock_s()
        if time_left_s(at_s) <= (self.terms.call_limit_s or 0):
            self.observer.attempted(operation, CallOutcome.OUT_OF_TIME, 0.0)
            raise _NotBegunError("there is not enough time left for the call")
        if self._breaker is None:
            return None
        permit = self._breaker.admit(at_s)
        self.observer.circuit_is(self._breaker.state(at_s))
        if permit is None:
            self.observer.attempted(operation, CallOutcome.CIRCUIT_OPEN, 0.0)
            raise _NotBegunError("it failed too often just now")
        return permit

    async def _limited(self, call: Callable[[], Awaitable[T]]) -> T:
        limit = asyncio.timeout(self.terms.call_limit_s)
        try:
            async with limit:
                return await call()
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise self.failures.unknown("it did not answer in time") from error

    def _count(self, operation: str, permit: Permit | None, outcome: CallOutcome, began_at_s: float) -> None:
        at_s = self.clock_s()
        self.observer.attempted(operation, outcome, at_s - began_at_s)
        if self._breaker is None or permit is None:
            return
        match outcome:
            case CallOutcome.ANSWERED | CallOutcome.FINAL:
                self._breaker.succeeded(permit, at_s)
            case CallOutcome.TRANSIENT | CallOutcome.UNKNOWN:
                self._breaker.failed(permit, at_s)
            case _:
                self._breaker.abandoned(permit)
        self.observer.circuit_is(self._breaker.state(at_s))


class _NotBegunError(ExternalServiceError):
    """We did not even ask; callers are told as `Failures` says."""
