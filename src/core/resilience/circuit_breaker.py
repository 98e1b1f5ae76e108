"""Leaving alone what keeps failing, until it answers again."""

from collections import deque
from enum import StrEnum

from attrs import define, field, frozen

_PARTS_OF_WINDOW = 10


class CircuitState(StrEnum):
    """From all is let through to nothing is."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


@frozen
class CircuitTerms:
    """
    When a circuit opens, and when it is tried again.

    Args:
        window_s: How far back outcomes count, to a tenth of it.
        least_calls: Fewer outcomes in the window never open it.
        failure_rate: The share of failures from which it opens, above 0 to 1.
        rest_s: How long it stays open before a probe is let through.
    """

    window_s: float = 30.0
    least_calls: int = 10
    failure_rate: float = 0.5
    rest_s: float = 5.0


@frozen
class Permit:
    """
    That one call may be made.

    Args:
        era: How often the circuit had opened or closed by then; what a call of a former era came to counts no more.
        is_probe: Whether its outcome alone decides.
    """

    era: int
    is_probe: bool


@define
class _Part:
    number: int
    calls: int = 0
    failures: int = 0


@define(eq=False)
class CircuitBreaker:
    """
    A circuit as a pure state machine: closed, it lets all through; open, nothing; half-open, one probe at a time.

    Every permit is given back once, by `succeeded`, `failed` or `abandoned`. Times are seconds that never go back.

    Source: Nygard, Release It!, 2nd edition, chapter 5.
    """

    terms: CircuitTerms = field(factory=CircuitTerms)
    _parts: deque[_Part] = field(factory=deque, init=False)
    _opened_at_s: float | None = field(default=None, init=False)
    _is_probing: bool = field(default=False, init=False)
    _era: int = field(default=0, init=False)

    def state(self, at_s: float) -> CircuitState:
        """How it is at *at_s*: one that has rested is half-open, whether or not a probe is under way."""
        if self._opened_at_s is None:
            return CircuitState.CLOSED
        has_rested = at_s - self._opened_at_s >= self.terms.rest_s
        return CircuitState.HALF_OPEN if has_rested else CircuitState.OPEN

    def admit(self, at_s: float) -> Permit | None:
        """A permit for one call; None where the call must not be made."""
        match self.state(at_s):
            case CircuitState.CLOSED:
                return Permit(self._era, is_probe=False)
            case CircuitState.HALF_OPEN if not self._is_probing:
                self._is_probing = True
                return Permit(self._era, is_probe=True)
            case _:
                return None

    def succeeded(self, permit: Permit, at_s: float) -> None:
        """The call was answered."""
        if permit.era != self._era:
            return
        if permit.is_probe:
            self._turn(opened_at_s=None)
        else:
            self._count(at_s, failures=0)

    def failed(self, permit: Permit, at_s: float) -> None:
        """The call was not answered."""
        if permit.era != self._era:
            return
        if permit.is_probe:
            self._turn(opened_at_s=at_s)
            return
        calls, failures = self._count(at_s, failures=1)
        if calls >= self.terms.least_calls and failures >= calls * self.terms.failure_rate:
            self._turn(opened_at_s=at_s)

    def abandoned(self, permit: Permit) -> None:
        """The call was given up, which says nothing of the other side."""
        if permit.is_probe and permit.era == self._era:
            self._is_probing = False

    def _turn(self, *, opened_at_s: float | None) -> None:
        self._opened_at_s = opened_at_s
        self._is_probing = False
        self._era += 1
        self._parts.clear()

    def _count(self, at_s: float, *, failures: int) -> tuple[int, int]:
        number = int(at_s * _PARTS_OF_WINDOW // self.terms.window_s)
        while self._parts and self._parts[0].number <= number - _PARTS_OF_WINDOW:
            self._parts.popleft()
        if not self._parts or self._parts[-1].number != number:
            self._parts.append(_Part(number))
        self._parts[-1].calls += 1
        self._parts[-1].failures += failures
        return sum(part.calls for part in self._parts), sum(part.failures for part in self._parts)
