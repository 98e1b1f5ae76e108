"""One statement that is a transaction of its own."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ...core.kernel import sole_transaction
from .connection import Connection, Lend
from .errors import CommitOutcomeUnknownError, DatabaseConnectionError

Written = TypeVar("Written")


async def alone(
    lend: Lend,
    write: Callable[[Connection], Awaitable[Written]],
) -> Written:
    """
    Do *write*, which is one statement: it needs no other to begin and to commit.

    Args:
        write: Sends the statement on that connection.

    Raises:
        NestedTransactionError: this task has a transaction open.
        DatabaseConnectionError: no connection, or the server gave the statement up; nothing was committed.
        CommitOutcomeUnknownError: the connection was lost.
    """
    with sole_transaction():
        async with lend() as connection:
            try:
                return await write(connection)
            except DatabaseConnectionError as error:
                if connection.closed:
                    raise CommitOutcomeUnknownError from error
                raise
