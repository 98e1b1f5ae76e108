"""Reading with one statement what is asked for at once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import define, field

Key = TypeVar("Key")

Row = Mapping[str, Any]
_Turn = asyncio.Future[Row | None]


@define(eq=False)
class Together(Generic[Key]):
    """
    Reads with one statement whatever is asked for in one turn of the event loop.

    Nobody waits for company: the statement goes out in the next turn, and has as many in it as have asked by then.

    Args:
        read: Finds the rows that there are, by their keys. It may be told a key twice.
    """

    _read: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Row]]]
    _asked: list[tuple[Key, _Turn]] = field(factory=list, init=False)
    _reading: set[asyncio.Task[None]] = field(factory=set, init=False)  # the loop itself would not keep them

    async def find(self, key: Key) -> Row | None:
        """The row of *key*, or nothing where there is none. What reading raises, everyone who asked is told."""
        loop = asyncio.get_running_loop()
        turn: _Turn = loop.create_future()
        if not self._asked:
            loop.call_soon(self._begin)
        self._asked.append((key, turn))
        return await turn

    def _begin(self) -> None:
        asked, self._asked = self._asked, []
        reading = asyncio.create_task(self._answer(asked))
        self._reading.add(reading)
        reading.add_done_callback(self._reading.discard)

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
