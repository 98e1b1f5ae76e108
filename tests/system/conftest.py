"""What the system tests share."""

from postgres_databases import (
    embedded_database,
    embedded_server,
    empty_database,
    outside_database,
    outside_server,
)

# pytest knows a fixture where its name is.
__all__ = ["embedded_database", "embedded_server", "empty_database", "outside_database", "outside_server"]
