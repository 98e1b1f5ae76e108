"""Every port in memory: for tests of a whole business, and for running without a database."""

from .breached_passwords import MemoryBreachedPasswords
from .cache import MemoryCache
from .clock import ManualClock
from .event_log import MemoryEventLog, MemoryEventReader, MemoryLogFollower
from .idempotency_keys import MemoryIdempotencyKeys
from .mailer import MemoryMailer
from .rate_limiter import MemoryRateLimiter
from .rows import Rows
from .sandbox_books import MemorySandboxBooks
from .seen_notices import MemorySeenNotices
from .store import MemoryStore
from .transaction import MemoryTransaction

__all__ = [
    "ManualClock",
    "MemoryBreachedPasswords",
    "MemoryCache",
    "MemoryEventLog",
    "MemoryEventReader",
    "MemoryIdempotencyKeys",
    "MemoryLogFollower",
    "MemoryMailer",
    "MemoryRateLimiter",
    "MemorySandboxBooks",
    "MemorySeenNotices",
    "MemoryStore",
    "MemoryTransaction",
    "Rows",
]
