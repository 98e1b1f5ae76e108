"""A connection that lets go soon of whoever gives up."""

import asyncio
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow
from psycopg.waiting import wait_async

_LOOKS_EVERY_S = 0.1
_HEEDS_WITHIN_S = 0.5


class PromptConnection(psycopg.AsyncConnection[DictRow]):
    """
    Asks the server to end a statement that is cancelled, as the driver does, but gives it less time to.

    The driver waits up to ten seconds for a server that hangs, its first releases for ever, and so would whoever gives
    up. Here the connection is closed after half a second. What the statement was to do is done or not, as ever.
    """

    async def wait(
        self, gen: PQGen[RV], interval: float = _LOOKS_EVERY_S, *others: Any, **options: Any
    ) -> RV:
        try:
            return await wait_async(gen, self.pgconn.socket, interval, *others, **options)
        except asyncio.CancelledError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                await self._end(gen)
            raise

    async def _end(self, statement: PQGen[RV]) -> None:
        try:
            async with asyncio.timeout(_HEEDS_WITHIN_S):
                await self.cancel_safe()
                await wait_async(statement, self.pgconn.socket, _LOOKS_EVERY_S)
        except psycopg.errors.QueryCanceled:
            pass  # as it was asked to
        except BaseException as error:
            self.pgconn.finish()  # nobody knows in what state it is
            if not isinstance(error, Exception):
                raise
