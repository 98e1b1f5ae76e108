"""What a circuit breaker lets through, whatever happens."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quayside.core.resilience import CircuitBreaker, CircuitState, CircuitTerms, Permit

TERMS = CircuitTerms(window_s=10, least_calls=4, failure_rate=0.5, rest_s=5)


class Circuit(RuleBasedStateMachine):
    """Calls that begin and end in any order, and time that passes."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = CircuitBreaker(TERMS)
        self.now_s = 0.0
        self.turns = 0
        self.under_way: list[tuple[Permit, int]] = []  # and how often the circuit had turned when each began
        self.ended: list[tuple[float, bool]] = []  # since the circuit last turned
        self.opened_at_s: float | None = None

    @rule(seconds=st.sampled_from([0.1, 1.0, 4.9, 5.0, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds

    @rule()
    def a_call_begins(self) -> None:
        probes = [permit for permit, turns in self.under_way if permit.is_probe and turns == self.turns]
        expected = self.opened_at_s is None or (self.now_s - self.opened_at_s >= TERMS.rest_s and not probes)

        permit = self.breaker.admit(self.now_s)

        assert (permit is not None) == expected
        if permit:
            assert permit.is_probe == (self.opened_at_s is not None)
            self.under_way.append((permit, self.turns))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), is_answered=st.booleans())
    def a_call_ends(self, data: st.DataObject, is_answered: bool) -> None:  # noqa: FBT001
        permit, turns = self._one_of_those_under_way(data)
        (self.breaker.succeeded if is_answered else self.breaker.failed)(permit, self.now_s)
        if turns == self.turns and permit.is_probe:
            self._turn(None if is_answered else self.now_s)
        elif turns == self.turns:
            self.ended.append((self.now_s, is_answered))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def a_call_is_given_up(self, data: st.DataObject) -> None:
        self.breaker.abandoned(self._one_of_those_under_way(data)[0])

    @invariant()
    def it_opens_only_by_its_share_of_failures(self) -> None:
        is_open = self.breaker.state(self.now_s) is not CircuitState.CLOSED
        if is_open and self.opened_at_s is None:
            recent = [answered for at_s, answered in self.ended if self.now_s - at_s < TERMS.window_s]
            assert len(recent) >= TERMS.least_calls
            assert recent.count(False) >= len(recent) * TERMS.failure_rate
            self._turn(self.now_s)

    @invariant()
    def it_opens_when_enough_fail_within_a_moment(self) -> None:
        if self.opened_at_s is None:
            # A window goes back at least as far as its parts let it, a tenth less than its length.
            sure = [answered for at_s, answered in self.ended if self.now_s - at_s < TERMS.window_s * 0.9]
            is_all = len(sure) == len(self.ended)
            last_failed = bool(sure) and not sure[-1]
            enough = len(sure) >= TERMS.least_calls and sure.count(False) >= len(sure) * TERMS.failure_rate
            assert not (is_all and last_failed and enough)

    def _one_of_those_under_way(self, data: st.DataObject) -> tuple[Permit, int]:
        return self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))

    def _turn(self, opened_at_s: float | None) -> None:
        self.opened_at_s = opened_at_s
        self.turns += 1
        self.ended.clear()


TestCircuit = Circuit.TestCase
