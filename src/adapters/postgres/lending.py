"""Lending the connections of a pool."""

import asyncio
from collections import deque
from contextlib import AbstractAsyncContextManager
from time import monotonic
from types import TracebackType

from attrs import define, field
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool

from .connection import Connection, hung_up
from .errors import DatabaseConnectionError, translated_errors
from .uninterrupted import uninterrupted

_PAST_POOL_AT_MOST = 1_000

_Turn = asyncio.Future[Connection | None]


@define(eq=False)
class Lender:
    """
    Lends the connections of a pool, and holds a few back for whoever comes next, those first that returned last.

    The pool would lend the one that has been idle for longest: its server process has gone to sleep and out of every
    cache. And the way through the pool is as long as that to the server, longer where one has to wait; so whoever
    comes while all are lent waits here, and is handed what returns. The pool gets each connection back now and then,
    to replace what has grown old.

    Args:
        pool: Opened and closed by whoever made it.
        most: How many connections it may have.
        held_back: How many of them, at most, are held back: no more than it keeps open anyway.
        patience_s: How long to wait for one.
    """

    _pool: AsyncConnectionPool[Connection]
    _most: int
    _most_held_back: int = field(alias="held_back")
    _patience_s: float
    _held_back: list[Connection] = field(factory=list, init=False)
    _lent: int = field(default=0, init=False)  # and being asked for at the pool
    _asking: int = field(default=0, init=False)  # at the pool
    _waiting: deque[_Turn] = field(factory=deque, init=False)
    _past_pool: int = field(default=0, init=False)
    _returned: int = field(default=0, init=False)
    _in_vain: int = field(default=0, init=False)
    _waited_s: float = field(default=0.0, init=False)

    def lend(self) -> AbstractAsyncContextManager[Connection]:
        """
        Lend one in autocommit.

        Raises:
            DatabaseConnectionError: none became free, or the server is away.
        """
        return _Loan(self)

    async def close(self) -> None:
        """Give the pool what was held back, and from now on whatever returns that nobody waits for."""
        self._most_held_back = 0
        while self._held_back:
            await self._pool.putconn(self._held_back.pop())

    def state(self) -> dict[str, float]:
        """
        Tell of the connections how many are ``idle`` or ``busy`` (lent, being opened or taken back), and ``most`` how
        many there may be; how many are ``waiting`` for one; and, since it was opened, the ``requests`` for one, their
        ``failures``, and ``waited_s``.
        """
        stats = self._pool.get_stats()
        idle = stats["pool_available"] + len(self._held_back)
        return {
            "idle": idle,
            "busy": stats["pool_size"] - idle,
            "most": stats["pool_max"],
            "waiting": stats["requests_waiting"] + sum(not turn.done() for turn in self._waiting),
            "requests": stats.get("requests_num", 0) + self._past_pool,
            "failures": stats.get("requests_errors", 0) + self._in_vain,
            "waited_s": stats.get("requests_wait_ms", 0) / 1000 + self._waited_s,
        }

    async def take(self) -> Connection:
        """As `lend`, for who gives it back himself."""
        patience_s = self._patience_s
        if self._lent < self._most:
            self._lent += 1
        else:
            began_at = monotonic()
            try:
                handed = await self._handed()
            finally:
                waited_s = monotonic() - began_at
                self._waited_s += waited_s
            if handed:
                self._past_pool += 1
                return handed
            patience_s -= waited_s
        try:
            return await self._idle(patience_s)
        except BaseException:
            self._hand(None)
            raise

    async def give_back(self, connection: Connection) -> None:
        """Take back what `take` gave, whatever state it is in."""
        self._returned += 1
        is_sound = connection.pgconn.transaction_status == TransactionStatus.IDLE
        is_due = self._returned % _PAST_POOL_AT_MOST == 0
        if not is_sound or is_due or self._asking:  # who waits at the pool is given what returns there
            try:
                await self._return(connection)
            finally:
                self._hand(None)
        elif not self._hand(connection):
            if len(self._held_back) < self._most_held_back:
                self._held_back.append(connection)
            else:
                await self._return(connection)

    async def _handed(self) -> Connection | None:
        """Wait for what another gives back; nothing means that the pool is to be asked instead."""
        loop = asyncio.get_running_loop()
        turn: _Turn = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(self._patience_s, self._end_in_vain, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and not turn.exception():  # it had come at that moment
                await self._pass_on(turn.result())
            raise
        finally:
            timer.cancel()

    def _end_in_vain(self, turn: _Turn) -> None:
        if not turn.done():
            self._in_vain += 1
            turn.set_exception(DatabaseConnectionError())

    async def _pass_on(self, handed: Connection | None) -> None:
        if handed:
            await self.give_back(handed)
        else:
            self._hand(None)

    def _hand(self, connection: Connection | None) -> bool:
        """
        Let the next in turn have *connection*, or else ask the pool, in the place of whoever had one until now.

        Returns:
            Whether somebody waited.
        """
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        self._lent -= 1
        return False

    async def _idle(self, patience_s: float) -> Connection:
        while self._held_back:
            connection = self._held_back.pop()
            self._past_pool += 1
            if not hung_up(connection):
                return connection
            await self._return(connection)
        with translated_errors():
            for _ in range(self._most):
                connection = await self._from_pool(patience_s)
                if not hung_up(connection):
                    return connection
                await self._return(connection)  # the pool replaces it by a new one
            return await self._from_pool(patience_s)

    async def _from_pool(self, patience_s: float) -> Connection:
        self._asking += 1
        try:
            return await self._pool.getconn(patience_s)
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
