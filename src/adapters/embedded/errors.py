"""What goes wrong when PostgreSQL is ours to run."""

from ...core.kernel import UnavailableError


class EmbeddedPostgresError(UnavailableError):
    """The embedded PostgreSQL cannot be had; the message says why, and what to do about it."""

    code = "embedded_postgres_unavailable"
