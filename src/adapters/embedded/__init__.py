"""A PostgreSQL of our own: started with the first process that needs it, stopped with the last."""

from ...core.kernel import require

with require("embedded"):
    from .errors import EmbeddedPostgresError
    from .launcher import embedded_postgres

__all__ = ["EmbeddedPostgresError", "embedded_postgres"]
