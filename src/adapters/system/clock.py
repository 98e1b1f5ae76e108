"""The time."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Read the machine's clock; a ``Clock``."""
    return datetime.now(UTC)
