"""How many of what belongs together ask outside at once: set by whoever does much, kept by whoever asks."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from contextvars import ContextVar

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
