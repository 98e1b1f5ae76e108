"""Every port on PostgreSQL 15 or later, without extensions."""

from ...core.kernel import require

with require("postgres"):
    from .database import PostgresDatabase
    from .errors import CommitOutcomeUnknownError, DatabaseConnectionError, DatabaseError, MigrationError
    from .idempotency_keys import PostgresIdempotencyKeys
    from .log_follower import PostgresLogFollower
    from .migration import Migration, migrate, pending
    from .rate_limiter import PostgresRateLimiter
    from .sandbox_books import PostgresSandboxBooks
    from .seen_notices import PostgresSeenNotices
    from .transaction import PostgresTransaction

__all__ = [
    "CommitOutcomeUnknownError",
    "DatabaseConnectionError",
    "DatabaseError",
    "Migration",
    "MigrationError",
    "PostgresDatabase",
    "PostgresIdempotencyKeys",
    "PostgresLogFollower",
    "PostgresRateLimiter",
    "PostgresSandboxBooks",
    "PostgresSeenNotices",
    "PostgresTransaction",
    "migrate",
    "pending",
]
