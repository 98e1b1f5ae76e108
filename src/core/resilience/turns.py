"""How many of what belongs together ask outside at once: set by whoever does much, kept by whoever asks."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from asyncio import Semaphore

Turns = AbstractAsyncContextManager[object]
"""Lets in so many at a time; an ``asyncio.Semaphore`` is one."""

_turns: ContextVar[Turns | None] = ContextVar("turns", default=None)


@contextmanager
def asking_in(turns: Turns) -> Iterator[None]:
    """Do what is inside so that each call outside waits for its turn among *turns*."""
    token = _turns.set(turns)
    try:
        yield
    finally:
        _turns.reset(token)


def turn_to_ask() -> Turns:
    """What a call outside is made in."""
    return _turns.get() or nullcontext()


@asynccontextmanager
async def at_work_in(places: "Semaphore") -> AsyncIterator[None]:
    """Do what is inside at one of *places*, which is left to others as long as a call outside takes."""
    place = _Place(places)
    await place.take()
    try:
        with asking_in(place):
            yield
    finally:
        place.leave()


@define(eq=False)
class _Place:
    """The turns of one who leaves a place while asking."""

    _places: "Semaphore"
    _is_taken: bool = False

    async def take(self) -> None:
        await self._places.acquire()
        self._is_taken = True

    def leave(self) -> None:
        if self._is_taken:  # not if whoever asked outside was cancelled while waiting for a place again
            self._is_taken = False
            self._places.release()

    async def __aenter__(self) -> None:
        self.leave()

    async def __aexit__(self, *_: object) -> None:
        await self.take()
