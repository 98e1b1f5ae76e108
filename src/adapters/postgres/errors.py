"""
The one place where errors of the driver become ours.

    UnavailableError
    └── DatabaseConnectionError       not reached, lost, too busy or too slow
    InternalError
    └── DatabaseError                 a statement that the database refuses
        └── MigrationError            the schema is not what this release brings
    OutcomeUnknownError
    └── CommitOutcomeUnknownError     the connection was lost during COMMIT: done or not, nobody told us
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, TypeVar

import psycopg

from ...core.catalogue import SkuTakenError
from ...core.kernel import (
    ConcurrencyConflictError,
    InternalError,
    OutcomeUnknownError,
    QuaysideError,
    UnavailableError,
)

Row = TypeVar("Row")

_MEANINGS: Mapping[str, Callable[[], QuaysideError]] = {
    "product_sku": SkuTakenError,
    "journal_of_transfer": lambda: ConcurrencyConflictError("transfer", expected=0, actual=1),
}
"""What a violated constraint means, by its name. A table that a caller's input can violate adds a line."""


class DatabaseConnectionError(UnavailableError):
    """
    The database was not reached, hung up, or was too slow.

    A transaction that ends so has not committed and may be repeated; a single write in autocommit may have happened.
    """

    code = "database_connection_error"

    def __init__(self, **details: object) -> None:
        super().__init__("The database cannot answer now.", **details)


class DatabaseError(InternalError):
    """The database refused a statement that we should not have sent."""

    code = "database_error"


class CommitOutcomeUnknownError(OutcomeUnknownError):
    """
    The connection was lost while committing: the transaction happened or did not, as a whole.

    Not to be repeated blindly. Repeat what is recognised when it comes twice, or look first what is there.
    """

    code = "database_error"

    def __init__(self) -> None:
        super().__init__("The database did not say whether it committed.")


class MigrationError(DatabaseError):
    """The schema is not what this release can bring or use."""


# By class of SQLSTATE: connection lost; transaction rolled back by the server (deadlock); resources short; not now
# (a lock); cancelled or shutting down. An idle transaction that the server ended is 25P03.
_TRANSIENT = ("08", "25P03", "40", "53", "55", "57")


def _translated(error: psycopg.Error) -> QuaysideError:
    facts = {"sqlstate": error.sqlstate, "constraint": error.diag.constraint_name}
    details = {name: fact for name, fact in facts.items() if fact}
    if meaning := _MEANINGS.get(details.get("constraint", "")):
        return meaning()
    # The driver's own findings (no connection in time, a closed one) carry no SQLSTATE.
    lost = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
    if lost or details.get("sqlstate", "").startswith(_TRANSIENT):
        return DatabaseConnectionError(**details)
    return DatabaseError("The database refused a statement.", **details)


@contextmanager
def translated_errors() -> Iterator[None]:
    """
    Turn every error of the driver into one of ours.

    Raises:
        DatabaseConnectionError, DatabaseError, or what the violated constraint means.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _without_rows(error) from error


def _without_rows(error: psycopg.Error) -> QuaysideError:
    if error.diag.message_primary:
        # The rest of what a server says shows the row that it refused, and would in every traceback that is logged.
        error.args = (error.diag.message_primary,)
    return _translated(error)


class TranslatingCursor(psycopg.AsyncCursor[Row]):
    """The cursor of every connection that quayside opens, so that no statement is without translation."""

    async def execute(self, *statement: Any, **options: Any) -> Self:
        try:  # every statement passes here, and a context manager would cost it more than this
            return await super().execute(*statement, **options)
        except psycopg.Error as error:
            raise _without_rows(error) from error
