"""Given what happened, when this is asked for, then that happens."""

from collections.abc import Sequence
from typing import Generic, TypeAlias, TypeVar

from attrs import frozen

from ..core.eventlog import Decider, Event

C = TypeVar("C")
E = TypeVar("E", bound=Event)
S = TypeVar("S")

Outcome: TypeAlias = tuple[E, ...] | Exception


@frozen
class Given(Generic[C, E, S]):
    """
    Tells in examples what a decider does::

        given = Given(PARCEL)

        given(ParcelStarted(limit_g=1000)).when(Pack("rose", 300)).then(ItemPacked("rose", 300))
        given(ParcelStarted(limit_g=1000)).when(Pack("anvil", 5000)).then(ParcelTooHeavyError)

    Args:
        decider: What is to be tested.
    """

    decider: Decider[C, E, S]

    def __call__(self, *events: E) -> "_Past[C, E, S]":
        """An aggregate to which *events* have happened; none: that is new."""
        return _Past(self.decider, events)


@frozen
class _Past(Generic[C, E, S]):
    _decider: Decider[C, E, S]
    _events: tuple[E, ...]

    def when(self, command: C) -> "_Example[C, E, S]":
        """Ask for *command*; `then` says what is to come of it."""
        return _Example(self._decider, self._events, command)


@frozen
class _Example(Generic[C, E, S]):
    _decider: Decider[C, E, S]
    _events: tuple[E, ...]
    _command: C

    def then(self, *expected: E | Exception | type[Exception]) -> None:
        """
        Check that the command leads to just these events, in this order; or is refused with one error.

        Args:
            expected: Events, or none where nothing is to happen. An error is met by one of the same class and text, a
                class by any error of that class.

        Raises:
            AssertionError: something else came of it; or something else each time, because decide or evolve is not
                pure, such as an evolve that changes the state it is given.
        """
        __tracebackhide__ = True  # pytest shows the line of the test
        outcome, again = self._outcome(), self._outcome()
        if not _meets(outcome, expected):
            raise AssertionError(self._told(expected, outcome)) from _error_in(outcome)
        if not _meets(again, _in_a_row(outcome)):
            raise AssertionError(
                "decide or evolve is not pure: the second time, something else came of it.\n"
                + self._told(_in_a_row(outcome), again)
            ) from _error_in(again)

    def _outcome(self) -> Outcome[E]:
        state = self._decider.fold(self._decider.initial, self._events)
        try:
            return tuple(self._decider.decide(state, self._command))
        except Exception as error:  # noqa: BLE001  whatever it is, it is what came of it
            return error

    def _told(self, expected: Sequence[object], outcome: Outcome[E]) -> str:
        parts = {
            "given": self._events,
            "when": (self._command,),
            "expected": expected,
            "but got": _in_a_row(outcome),
        }
        return "\n".join(
            "\n    ".join((title, *(map(_shown, items) if items else ("nothing",))))
            for title, items in parts.items()
        )


def _in_a_row(outcome: Outcome[E]) -> tuple[object, ...]:
    return outcome if isinstance(outcome, tuple) else (outcome,)


def _error_in(outcome: Outcome[E]) -> Exception | None:
    return outcome if isinstance(outcome, Exception) else None


def _meets(outcome: Outcome[E], expected: tuple[object, ...]) -> bool:
    if isinstance(outcome, tuple):
        return outcome == expected
    match expected:
        case (type() as kind,):
            return isinstance(outcome, kind)
        case (Exception() as error,):
            return (type(outcome), str(outcome)) == (type(error), str(error))
    return False


def _shown(item: object) -> str:
    if isinstance(item, Exception):
        return f"{type(item).__name__}: {item}"
    return item.__name__ if isinstance(item, type) else repr(item)
