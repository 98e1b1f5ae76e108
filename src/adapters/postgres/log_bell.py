"""Telling other processes that the log has grown, and hearing it from them."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import psycopg
from attrs import define, field

from ...core.kernel import QuaysideError
from .connection import Lend, connection_options

_CHANNEL = "quayside_log"
_TRY_AGAIN_S = 1.0
# Where appends follow one another closely others look every 5 ms by themselves, and go on so for 250 ms after the last
# one: telling each time would cost as much as appending, and gain nothing.
_PAUSE_S, _LONGEST_PAUSE_S, _CLOSELY_HZ = 0.001, 0.128, 200
_LAST_CALL_S = 0.1
# A NOTIFY commits, under a lock of the whole server. Nothing is lost with it, so it need not wait for the disk.
_NOTIFY = b"SELECT set_config('synchronous_commit', 'off', true), pg_notify(%s, %s)"
_NAME = uuid4().hex
"""This process, among those that tell and hear."""


@define(eq=False)
class LogNotifier:
    """
    Tells, after a commit and outside of any transaction: a NOTIFY inside would make all commits wait for each other.

    However often it is asked while it tells and shortly after, it tells once more, and the seldomer the longer appends
    follow closely. It is a hint: where it fails, others find out later.
    """

    _lend: Lend
    _untold: int = field(default=0, init=False)
    _telling: asyncio.Task[None] | None = field(default=None, init=False)

    def tell(self) -> None:
        """Tell soon; does not wait for it."""
        self._untold += 1
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def close(self) -> None:
        """Wait for what is being told, but not for long: the server may hang."""
        if self._telling is not None:
            await asyncio.wait([self._telling], timeout=_LAST_CALL_S)
            self._telling.cancel()

    async def _tell(self) -> None:
        pause_s = _PAUSE_S
        while self._untold:
            self._untold = 0
            try:
                async with self._lend() as connection:
                    await connection.execute(_NOTIFY, (_CHANNEL, _NAME))
            except QuaysideError:
                return
            await asyncio.sleep(pause_s)
            closely = self._untold > _CLOSELY_HZ * pause_s
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S) if closely else _PAUSE_S


async def listen(conninfo: str, heard: Callable[[], None], *, connect_timeout_s: int) -> None:
    """
    Call *heard* whenever another process tells that the log has grown, until cancelled.

    It has a connection of its own, and a new one when that is lost; behind a pooler it may hear nothing.
    """
    options = connection_options(conninfo, connect_timeout_s=connect_timeout_s)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**options) as connection:
                await connection.execute(f"LISTEN {_CHANNEL}".encode())
                heard()  # something may have been told before
                async for notification in connection.notifies():
                    if notification.payload != _NAME:
                        heard()
        except (psycopg.Error, QuaysideError):
            await asyncio.sleep(_TRY_AGAIN_S)
