"""Reading with one statement what is asked for at once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import define, field

Key = TypeVar("Key")

Row = Mapping[str, Any]
_Turn = asyncio.Future[Row | None]


@define(eq=False)
class _Batch(Generic[Key]):
    """What is asked for in one turn, and what reads it once the turn is over."""

    asked: list[tuple[Key, _Turn]] = field(factory=list)
    reading: asyncio.Task[None] | None = None

    @property
    def is_waited_for(self) -> bool:
        return not all(turn.done() for _, turn in self.asked)


@define(eq=False)
class Together(Generic[Key]):
    """
    Reads with one statement whatever is asked for in one turn of the event loop.

    Nobody waits for company: the statement goes out in the next turn, and has as many in it as have asked by then.
    Who gives up disturbs nobody else; the last of them takes the statement with him, which would hold its connection
    for as long as the server likes.

    Args:
        read: Finds the rows that there are, by their keys. It may be told a key twice.
    """

    _read: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Row]]]
    _next: _Batch[Key] = field(factory=_Batch, init=False)
    _reading: set[asyncio.Task[None]] = field(factory=set, init=False)  # the loop itself would not keep them

    async def find(self, key: Key) -> Row | None:
        """The row of *key*, or nothing where there is none. What reading raises, everyone who asked is told."""
        loop = asyncio.get_running_loop()
        turn: _Turn = loop.create_future()
        batch = self._next
        if not batch.asked:
            loop.call_soon(self._begin)
        batch.asked.append((key, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if batch.reading and not batch.is_waited_for:
                batch.reading.cancel()
            raise

    def _begin(self) -> None:
        batch, self._next = self._next, _Batch()
        if not batch.is_waited_for:
            return
        batch.reading = asyncio.create_task(self._answer(batch.asked))
        self._reading.add(batch.reading)
        batch.reading.add_done_callback(self._reading.discard)

    async def _answer(self, asked: Sequence[tuple[Key, _Turn]]) -> None:
        try:
            found = await self._read([key for key, _ in asked])
        except BaseException as error:
            for _, turn in asked:
                if not turn.done():
                    turn.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for key, turn in asked:
                if not turn.done():  # else whoever asked has gone
                    turn.set_result(found.get(key))
