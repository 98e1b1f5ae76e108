"""A connection to PostgreSQL: how it is made, and a transaction on it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row

from .errors import (
    CommitOutcomeUnknownError,
    DatabaseConnectionError,
    DatabaseError,
    TranslatingCursor,
    translated_errors,
)

Connection = AsyncConnection[DictRow]
"""A connection in autocommit whose statements raise our errors."""

Lend = Callable[[], AbstractAsyncContextManager[Connection]]
"""Lends a connection on which each statement stands for itself."""


def connection_options(conninfo: str, *, connect_timeout_s: int) -> dict[str, Any]:
    """
    The keywords of psycopg's ``connect`` for *conninfo*; what it says itself prevails.

    A host that vanished without a word is noticed by keep-alives within 25 s, one that stops acknowledging within
    20 s; the kernel's own patience would be minutes to hours.

    Raises:
        DatabaseError: *conninfo* is not valid.
    """
    try:
        given = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        # What the driver says repeats parts of it, which may be those of the password.
        raise DatabaseError("This is no connection string that PostgreSQL understands.") from None
    defaults = {
        "connect_timeout": connect_timeout_s,
        "fallback_application_name": "quayside",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,  # milliseconds
    }
    return {
        **defaults,
        **given,
        "autocommit": True,
        "row_factory": dict_row,
        "cursor_factory": TranslatingCursor,
    }


@asynccontextmanager
async def atomic(connection: Connection) -> AsyncIterator[None]:
    """
    Make everything done on *connection* inside one transaction: a clean exit commits, an exception rolls back.

    Raises:
        CommitOutcomeUnknownError: the connection was lost during COMMIT.
        DatabaseConnectionError: it was lost before, or the server gave the transaction up; nothing was committed.
        DatabaseError: a statement had failed and its error was swallowed; nothing was committed.
    """
    committing = False
    try:
        with translated_errors():
            async with connection.transaction():
                yield
                _refuse_unless_sound(connection)
                committing = True
    except DatabaseConnectionError as error:
        if committing and connection.closed:
            raise CommitOutcomeUnknownError from error
        raise


def _refuse_unless_sound(connection: Connection) -> None:
    # Whoever catches a failed statement's error arrives here as if all were well. The server would answer COMMIT
    # with a silent rollback, and the driver leaves a broken connection without a word.
    if hung_up(connection):
        raise DatabaseConnectionError
    if connection.info.transaction_status != TransactionStatus.INTRANS:
        raise DatabaseError("A statement of this transaction failed, so it cannot commit.")


def hung_up(connection: Connection) -> bool:
    """
    Tell whether *connection*, on which nothing is under way, has ended.

    A server that goes away closes its end, which can be seen without asking it: in a microsecond, where a round
    trip would add half again to every read. What comes first is its farewell, so it takes a second look to see the end.
    """
    try:
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return True
    return False
