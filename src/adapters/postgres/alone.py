"""One statement that is a transaction of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from ...core.kernel import sole_transaction
from .connection import Connection
from .errors import CommitOutcomeUnknownError, DatabaseConnectionError


@asynccontextmanager
async def alone(lend: Callable[[], AbstractAsyncContextManager[Connection]]) -> AsyncIterator[Connection]:
    """
    Lend a connection for one statement that writes, which needs no other to begin and to commit.

    Args:
        lend: Gives a connection in autocommit.

    Raises:
        NestedTransactionError: this task has a transaction open.
        DatabaseConnectionError: no connection, or the server gave the statement up; nothing was committed.
        CommitOutcomeUnknownError: the connection was lost.
    """
    with sole_transaction():
        async with lend() as connection:
            try:
                yield connection
            except DatabaseConnectionError as error:
                if connection.closed:
                    raise CommitOutcomeUnknownError from error
                raise
