"""Calling handlers: what goes wrong in one is an error, and never the end of who calls it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from ..kernel import InternalError


class HandlerCancelledError(InternalError):
    """A handler waited for something that was cancelled. Nobody had cancelled the handler."""

    def __init__(self) -> None:
        super().__init__("What it waited for was cancelled.")


@contextmanager
def cancellation_as_error() -> Iterator[None]:
    """
    Make an error of a cancellation that comes out of what is called inside, unless it is the task's own.

    Whoever awaits a task that somebody has cancelled raises as if cancelled itself, and would end its caller without a
    word.

    Raises:
        HandlerCancelledError.
    """
    task = asyncio.current_task()
    before, is_its_own = task.cancelling() if task else 0, False
    try:
        yield
    except asyncio.CancelledError as error:
        is_its_own = task is None or task.cancelling() > before
        if is_its_own:
            raise
        raise HandlerCancelledError from error
    finally:
        # What is over must not count for ever: a TaskGroup that failed leaves its task cancelled, until Python 3.13.
        while task and not is_its_own and task.cancelling() > before:
            task.uncancel()


def describe(error: Exception) -> str:
    """*error* in at most 1,000 characters, for whoever looks at what failed."""
    name = type(error).__name__
    try:
        text = f"{name}: {error}"[:1_000].replace("\0", "")
    except Exception:  # noqa: BLE001 - it comes from anywhere, and may not even be able to tell what it is
        text = name
    return text.encode("utf-8", "replace").decode()  # what a database stores
