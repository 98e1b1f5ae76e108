"""One transaction in memory: staged, then published as a whole."""

from collections.abc import Callable
from typing import TypeVar

from ...core.eventlog import Recorder
from .event_log import MemoryEventLog
from .payments import MemoryPaymentRepository
from .rows import Rows
from .state import CommittedState

K = TypeVar("K")
V = TypeVar("V")


class MemoryTransaction:
    """
    Satisfies every context's ``Transaction``: one log, and a repository a context on the rows it stages.

    Args:
        state: What is committed.
        recorder: Puts the events that repositories save into envelopes.
    """

    def __init__(self, state: CommittedState, recorder: Recorder) -> None:
        self._publications: list[Callable[[], None]] = []
        self.events = MemoryEventLog(state.log)
        self.payments = MemoryPaymentRepository(self._stage(state.payments), self.events, recorder)

    def commit(self) -> None:
        """
        Publish everything staged here. Nothing is awaited, so no other task sees half of it.

        Raises:
            ConcurrencyConflictError: another transaction committed first; nothing is published.
        """
        self.events.validate()
        self.events.publish()
        for publish in self._publications:
            publish()

    def _stage(self, committed: dict[K, V]) -> Rows[K, V]:
        rows = Rows(committed)
        self._publications.append(rows.publish)
        return rows
