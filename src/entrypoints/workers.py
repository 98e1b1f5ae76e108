"""Several processes that serve one socket, watched by the one that started them."""

import asyncio
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import SpawnProcess

import structlog
from attrs import define, field

from ..adapters.telemetry.logging import configure_logging
from .settings import Settings

Work = Callable[[Settings, socket.socket], None]
"""Serves until the process is told to stop. A function of a module: a fresh interpreter looks it up there."""

_SPAWN = multiprocessing.get_context("spawn")
_PAUSE_S = 1.0  # before the next one is started: what fails at once would otherwise keep a processor busy
_LAST_CALL_S = 15  # beyond the time that requests in flight are given

_log = structlog.get_logger()


@define(eq=False)
class Workers:
    """
    Keeps as many processes running as the settings say. One that ends unasked is replaced.

    None outlives this process, however that ends: each waits for its end, and follows at once.
    """

    _work: Work
    _settings: Settings
    _listener: socket.socket
    _told_to_stop: asyncio.Event = field(factory=asyncio.Event, init=False)
    _running: set[SpawnProcess] = field(factory=set, init=False)

    async def run(self) -> None:
        """Run them until SIGTERM or SIGINT, then let them finish; a second signal ends all of them at once."""
        loop = asyncio.get_running_loop()
        for sent in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sent, self._stop, sent)
        places = [asyncio.create_task(self._keep_one()) for _ in range(self._settings.workers)]
        await self._told_to_stop.wait()
        self._listener.close()
        for worker in self._running:
            worker.terminate()
        _, late = await asyncio.wait(places, timeout=self._settings.shutdown_timeout_s + _LAST_CALL_S)
        if late:
            self._kill()
            await asyncio.wait(late)

    async def _keep_one(self) -> None:
        while not self._told_to_stop.is_set():
            worker = _SPAWN.Process(target=_begin, args=(self._work, self._settings, self._listener))
            worker.start()
            self._running.add(worker)
            await _end_of(worker)
            self._running.discard(worker)
            if not self._told_to_stop.is_set():
                _log.error("worker died", pid=worker.pid, exit_code=worker.exitcode)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._told_to_stop.wait(), _PAUSE_S)

    def _stop(self, sent: signal.Signals) -> None:
        if self._told_to_stop.is_set():
            self._kill()
            signal.signal(sent, signal.SIG_DFL)
            signal.raise_signal(sent)
        self._told_to_stop.set()

    def _kill(self) -> None:
        for worker in self._running:
            worker.kill()


async def _end_of(worker: SpawnProcess) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(worker.sentinel, ended.set)
    await ended.wait()
    loop.remove_reader(worker.sentinel)
    worker.join()


def _begin(work: Work, settings: Settings, listener: socket.socket) -> None:
    threading.Thread(target=_follow_parent, daemon=True).start()
    # A terminal sends this to all; the parent passes on what counts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logging(settings.log_level, settings.log_format)
    work(settings, listener)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
