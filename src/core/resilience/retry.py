"""Trying again what failed, where that can do no harm."""

from enum import StrEnum

from attrs import field, frozen

from ..kernel import Backoff, ExternalServiceError, OutcomeUnknownError, UnavailableError


class FailureClass(StrEnum):
    """What a failure says of what was asked for."""

    TRANSIENT = "transient"
    """Nothing was done; the same call may succeed later."""

    UNKNOWN = "unknown"
    """It may have been done: only asking under the same key again does no harm."""

    FINAL = "final"
    """It would fail again."""


class Effect(StrEnum):
    """What a call does outside, as far as doing it twice matters."""

    NONE = "none"
    """It changes nothing that matters."""

    KEYED = "keyed"
    """It goes under a key by which the other side does it once, however often it is asked."""

    PLAIN = "plain"
    """Asked for twice, it is done twice."""


def failure_class(error: BaseException) -> FailureClass:
    """What *error* says."""
    match error:
        case OutcomeUnknownError():
            return FailureClass.UNKNOWN
        case ExternalServiceError() | UnavailableError():
            return FailureClass.TRANSIENT
        case _:
            return FailureClass.FINAL


@frozen
class RetryTerms:
    """
    How often something is tried, and how long to wait in between.

    Args:
        tries: In all, the first among them.
    """

    tries: int = 3
    backoff: Backoff = field(factory=lambda: Backoff(first_s=0.2, most_s=2.0))

    def wait_s(self, error: BaseException, effect: Effect, tries_made: int, chance: float) -> float | None:
        """
        The wait before the next try, in seconds; None where there must be none.

        Args:
            tries_made: From 1.
            chance: Evenly distributed in [0, 1).
        """
        failure = failure_class(error)
        is_harmless = failure is FailureClass.TRANSIENT or (
            failure is FailureClass.UNKNOWN and effect is not Effect.PLAIN
        )
        if tries_made >= self.tries or not is_harmless:
            return None
        return self.backoff.delay_s(tries_made, chance)
