"""Doing something to its end, though the caller be cancelled; at no cost where there is nothing to wait for."""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any


async def uninterrupted(action: Coroutine[Any, Any, None]) -> None:
    """
    Do *action* to its end, even where the caller is cancelled meanwhile.

    Most often it does not wait for anything, and then nobody can cancel it: so it begins at once, and only what is
    left becomes a task, which takes longer than to take a connection from the pool. Python 3.12 calls that eager.

    Args:
        action: Asks for no time-out before it first waits: that would be the caller's.
    """
    try:
        awaited = action.send(None)
    except StopIteration:
        return
    await asyncio.shield(_rest(action, awaited))


@coroutine
def _rest(action: Coroutine[Any, Any, None], awaited: object) -> Generator[Any, Any, None]:
    yield awaited
    yield from action.__await__()
