"""What is told of calls to systems outside."""

from enum import StrEnum
from typing import Protocol

from .circuit_breaker import CircuitState


class CallOutcome(StrEnum):
    """What became of one attempt at a call."""

    ANSWERED = "answered"
    """By a refusal, too."""

    TRANSIENT = "transient"
    """It surely did nothing."""

    UNKNOWN = "unknown"
    """It may have done it."""

    FINAL = "final"
    """What was asked for is wrong."""

    CIRCUIT_OPEN = "circuit_open"
    """It was not begun: the other side had failed too often."""

    OUT_OF_TIME = "out_of_time"
    """It was not begun: it could not have ended in time."""

    ABANDONED = "abandoned"
    """Whoever waited for it is gone."""


class CallObserver(Protocol):
    """Told of calls as they happen; it must not fail."""

    def attempted(self, operation: str, outcome: CallOutcome, seconds: float) -> None:
        """One attempt has ended after *seconds*."""
        ...

    def retried(self, operation: str) -> None:
        """There will be another attempt."""
        ...

    def circuit_is(self, state: CircuitState) -> None:
        """The circuit is in *state* now; not necessarily another one."""
        ...
