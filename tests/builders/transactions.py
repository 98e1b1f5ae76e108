"""Transactions that stay open until they are told how to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from attrs import define, field

from quayside.core.eventlog import BeginLog, LogTransaction


class GivenUpError(Exception):
    """Ends a transaction without a commit."""


@define(eq=False)
class OpenTransaction:
    """One of several that a test has open at once, each in a task of its own."""

    tx: LogTransaction
    _task: asyncio.Task[None]
    _ending: asyncio.Future[None] = field(repr=False)

    async def commit(self) -> None:
        self._ending.set_result(None)
        await self._task

    async def roll_back(self) -> None:
        self._ending.set_exception(GivenUpError())
        with suppress(GivenUpError):
            await self._task

    @property
    def ended(self) -> bool:
        return self._ending.done()


async def opened(begin: BeginLog) -> OpenTransaction:
    """Open one; whoever opens it ends it."""
    loop = asyncio.get_running_loop()
    began: asyncio.Future[LogTransaction] = loop.create_future()
    ending: asyncio.Future[None] = loop.create_future()

    async def hold() -> None:
        async with begin() as tx:
            began.set_result(tx)
            await ending

    task = asyncio.create_task(hold())
    return OpenTransaction(await began, task, ending)


@asynccontextmanager
async def held_open(begin: BeginLog) -> AsyncIterator[OpenTransaction]:
    """One that is rolled back at the end, unless it was ended before."""
    transaction = await opened(begin)
    try:
        yield transaction
    finally:
        if not transaction.ended:
            await transaction.roll_back()
