"""Lending the connections of a pool."""

import asyncio
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from attrs import define, field
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool

from .connection import Connection, hung_up
from .errors import translated_errors
from .uninterrupted import uninterrupted

_PAST_POOL_AT_MOST = 1_000


@define(eq=False)
class Lender:
    """
    Lends the connections of a pool, and holds back the one that returned last for whoever comes next.

    The pool would lend the one that has been idle for longest: its server process has gone to sleep and out of every
    cache, and the way through the pool is as long as that to the server. It gets each connection back now and then, to
    replace what has grown old.

    Args:
        pool: Opened and closed by whoever made it.
        most: How many connections it may have.
    """

    _pool: AsyncConnectionPool[Connection]
    _most: int
    _held_back: Connection | None = field(default=None, init=False)
    _asking: int = field(default=0, init=False)
    _past_pool: int = field(default=0, init=False)
    _returned: int = field(default=0, init=False)

    def lend(self) -> AbstractAsyncContextManager[Connection]:
        """
        Lend one in autocommit.

        Raises:
            DatabaseConnectionError: none became free, or the server is away.
        """
        return _Loan(self)

    async def close(self) -> None:
        """Give the pool what was held back."""
        if connection := self._taken():
            await self._pool.putconn(connection)

    def state(self) -> dict[str, float]:
        """
        Tell of the connections how many are ``idle`` or ``busy`` (lent, being opened or taken back), and ``most`` how
        many there may be; how many are ``waiting`` for one; and, since it was opened, the ``requests`` for one, their
        ``failures``, and ``waited_s``.
        """
        stats = self._pool.get_stats()
        idle = stats["pool_available"] + (self._held_back is not None)
        return {
            "idle": idle,
            "busy": stats["pool_size"] - idle,
            "most": stats["pool_max"],
            "waiting": stats["requests_waiting"],
            "requests": stats.get("requests_num", 0) + self._past_pool,
            "failures": stats.get("requests_errors", 0),
            "waited_s": stats.get("requests_wait_ms", 0) / 1000,
        }

    async def take(self) -> Connection:
        """As `lend`, for who gives it back himself."""
        if connection := self._taken():
            self._past_pool += 1
            if not hung_up(connection):
                return connection
            await self._return(connection)
        with translated_errors():
            for _ in range(self._most):
                connection = await self._from_pool()
                if not hung_up(connection):
                    return connection
                await self._return(connection)  # the pool replaces it by a new one
            return await self._from_pool()

    async def give_back(self, connection: Connection) -> None:
        """Take back what `take` gave, whatever state it is in."""
        self._returned += 1
        is_free = self._held_back is None and not self._asking and self._returned % _PAST_POOL_AT_MOST
        if is_free and connection.pgconn.transaction_status == TransactionStatus.IDLE:
            self._held_back = connection
        else:
            await self._return(connection)

    def _taken(self) -> Connection | None:
        connection, self._held_back = self._held_back, None
        return connection

    async def _from_pool(self) -> Connection:
        self._asking += 1  # who waits there is given what returns there
        try:
            return await self._pool.getconn()
        finally:
            self._asking -= 1

    async def _return(self, connection: Connection) -> None:
        # A caller whose time is up may be cancelled right here, in the middle of what the pool does: the connection
        # would be lost, and whoever was to have it next would wait in vain. Once all are lost, everybody does.
        returning = self._pool.putconn(connection)
        if connection.pgconn.transaction_status == TransactionStatus.IDLE:
            await uninterrupted(returning)
        else:
            await asyncio.shield(returning)


@define(eq=False)
class _Loan(AbstractAsyncContextManager[Connection]):
    """One connection lent. A class, because every statement passes here."""

    _lender: Lender
    _connection: Connection = field(init=False)

    async def __aenter__(self) -> Connection:
        self._connection = await self._lender.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._lender.give_back(self._connection)
