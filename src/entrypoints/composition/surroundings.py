"""Time, ids and randomness: what the core takes as arguments."""

from collections.abc import Callable

from attrs import frozen

from ...core.eventlog import Recorder
from ...core.identity import Entropy
from ...core.kernel import Clock, IdFactory


@frozen
class Surroundings:
    """
    Where everything composed takes them from.

    Args:
        entropy: Gives so many unpredictable bytes.
        monotonic: Seconds that never step back.
    """

    clock: Clock
    new_id: IdFactory
    entropy: Entropy
    monotonic: Callable[[], float]

    @property
    def recorder(self) -> Recorder:
        """Puts what happens into envelopes."""
        return Recorder(self.clock, self.new_id)
