"""Every port in memory: for tests of a whole business, and for running without a database."""

from .clock import ManualClock
from .event_log import MemoryEventLog, MemoryEventReader
from .rows import Rows
from .sandbox_books import MemorySandboxBooks
from .store import MemoryStore
from .transaction import MemoryTransaction

__all__ = [
    "ManualClock",
    "MemoryEventLog",
    "MemoryEventReader",
    "MemorySandboxBooks",
    "MemoryStore",
    "MemoryTransaction",
    "Rows",
]
