"""
Runs tests in several processes, each a file at a time: ``--side-by-side``.

They are forked once every test is collected, so all that is imported and made ready to be measured is so once.
"""

import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, groupby, pairwise
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest

_BYTES = 2  # of the number of a file
_ENDED, _BROKE = "ended", "broke"  # what a process tells last


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--side-by-side", action="store_true", help="run tests in as many processes as are of use"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run what was collected, unless it is to be done in this process: then pytest does it."""
    option = session.config.option
    if not option.side_by_side or option.collectonly or session.testsfailed:
        return None
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    reporter.showfspath = False  # tests of several files end in turn
    files = _Files(session.items)
    processes = dict(_started(session, files) for _ in range(_processes()))
    try:
        _told_by(processes, session)
    except BaseException:
        for pid in processes.values():
            os.kill(pid, signal.SIGTERM)
        raise
    finally:
        for pid in processes.values():
            os.waitpid(pid, 0)
    return True


def _processes() -> int:
    """One more than there are processors, for some tests wait."""
    return (os.cpu_count() or 1) + 1


class _Files:
    """The files whose tests nobody has begun: their numbers stand in a pipe, from which each process takes the next."""

    def __init__(self, items: list[pytest.Item]) -> None:
        self._files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
        self._numbers, end = os.pipe()
        os.write(end, b"".join(number.to_bytes(_BYTES) for number in range(len(self._files))))
        os.close(end)

    def tests(self) -> Iterator[pytest.Item]:
        while number := os.read(self._numbers, _BYTES):
            yield from self._files[int.from_bytes(number)]


class _Teller:
    """Has the process that all others were forked from call the hooks by which pytest tells of tests."""

    def __init__(self, config: pytest.Config, end: Connection) -> None:
        self._config = config
        self._end = end

    def pytest_runtest_logstart(self, nodeid: str, location: object) -> None:
        self._end.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        to_plain = self._config.hook.pytest_report_to_serializable
        plain = to_plain(config=self._config, report=report)
        self._end.send(("pytest_runtest_logreport", {"report": plain}))

    def pytest_runtest_logfinish(self, nodeid: str, location: object) -> None:
        self._end.send(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))


def _started(session: pytest.Session, files: _Files) -> tuple[Connection, int]:
    """A process that takes tests from *files*: where it tells of them, and its pid."""
    hearing, telling = Pipe(duplex=False)
    pid = os.fork()
    if pid:
        telling.close()  # so that nothing more comes once the process has ended
        return hearing, pid
    try:
        _run(session, files, telling)
        telling.send((_ENDED, {}))
    except BaseException:  # noqa: BLE001 - whatever it is, the other process raises it
        with suppress(OSError):
            telling.send((_BROKE, {"because": traceback.format_exc()}))
    os._exit(0)


def _run(session: pytest.Session, files: _Files, telling: Connection) -> None:
    plugins = session.config.pluginmanager
    # What is captured goes to files: each process wants its own.
    capture = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()
    plugins.unregister(name="terminalreporter")
    plugins.register(_Teller(session.config, telling))
    for test, following in pairwise(chain(files.tests(), [None])):
        assert test is not None  # only the last of all is
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if session.shouldfail or session.shouldstop:
            break


def _told_by(processes: dict[Connection, int], session: pytest.Session) -> None:
    """Tell what *processes* tell, until each has ended."""
    running = dict.fromkeys(processes, "before its first test")
    left = len(session.items)
    while running:
        for end in wait(list(running)):
            assert isinstance(end, Connection)
            what, told = _received(end, running[end])
            if what == _ENDED:
                del running[end]
                continue
            if "report" in told:
                plain = told["report"]
                told["report"] = session.config.hook.pytest_report_from_serializable(
                    config=session.config, data=plain
                )
            getattr(session.config.hook, what)(**told)
            running[end] = told.get("nodeid", running[end])
            left -= what == "pytest_runtest_logfinish"
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
    if left:
        raise RuntimeError(f"{left} tests were never run")


def _received(end: Connection, test: str) -> tuple[str, dict[str, Any]]:
    try:
        what, told = end.recv()
    except EOFError:
        raise RuntimeError(f"A process of tests died: {test}") from None
    if what == _BROKE:
        raise RuntimeError(told["because"])
    return what, told
