"""Until when somebody waits for what is being done. Set by whoever answers, read by whoever asks outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deadline_s: ContextVar[float | None] = ContextVar("deadline_s", default=None)


@contextmanager
def waited_for_until(at_s: float | None) -> Iterator[None]:
    """
    Do what is inside for somebody who waits until *at_s*, or until an earlier end that was set outside of this.

    Args:
        at_s: On the clock that `time_left_s` is told the time of; None for nobody, whatever was set outside.
    """
    outside = _deadline_s.get()
    token = _deadline_s.set(at_s if at_s is None or outside is None else min(at_s, outside))
    try:
        yield
    finally:
        _deadline_s.reset(token)


def time_left_s(at_s: float) -> float:
    """For how long after *at_s* somebody waits, in seconds; infinite where nobody does."""
    deadline_s = _deadline_s.get()
    return float("inf") if deadline_s is None else deadline_s - at_s
