"""
Runs tests in several processes, each a file at a time: ``--side-by-side``.

They are forked once every test is collected, so all that is imported and made ready to be measured is so once. What
takes seconds to start is started once, too: one process runs all tests that need it, and begins with them.
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

_DEAR = "embedded_server"  # a fixture of the session
_BYTES = 2  # of the number of a file
_ENDED, _BROKE = "ended", "broke"  # what a process tells last
_Told = tuple[str, dict[str, Any]]


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
    """Two more than there are processors: one waits for its database most of the time, and tests wait in the others."""
    return (os.cpu_count() or 1) + 2


class _Files:
    """The files whose tests nobody has begun: their numbers stand in a pipe, from which each process takes the next."""

    def __init__(self, items: list[pytest.Item]) -> None:
        dear = [item for item in items if _is_dear(item)]
        others = groupby((item for item in items if not _is_dear(item)), key=lambda item: item.path)
        self._files = [dear, *(list(tests) for _, tests in others)]
        self._numbers, end = os.pipe()
        os.write(end, b"".join(number.to_bytes(_BYTES) for number in range(len(self._files))))
        os.close(end)

    def tests(self) -> Iterator[pytest.Item]:
        while number := os.read(self._numbers, _BYTES):
            yield from self._files[int.from_bytes(number)]


def _is_dear(item: pytest.Item) -> bool:
    return _DEAR in getattr(item, "fixturenames", ())


class _Teller:
    """
    Has the process that all others were forked from call the hooks by which pytest tells of tests.

    That a test has begun is told at once, and the rest of it together at its end, for each message takes its time.
    """

    def __init__(self, config: pytest.Config, end: Connection) -> None:
        self._config = config
        self._end = end
        self._reports: list[_Told] = []

    def pytest_runtest_logstart(self, nodeid: str, location: object) -> None:
        self._end.send([("pytest_runtest_logstart", {"nodeid": nodeid, "location": location})])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        to_plain = self._config.hook.pytest_report_to_serializable
        plain = to_plain(config=self._config, report=report)
        self._reports.append(("pytest_runtest_logreport", {"report": plain}))

    def pytest_runtest_logfinish(self, nodeid: str, location: object) -> None:
        finished = "pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}
        self._end.send([*self._reports, finished])
        self._reports.clear()


def _started(session: pytest.Session, files: _Files) -> tuple[Connection, int]:
    """A process that takes tests from *files*: where it tells of them, and its pid."""
    hearing, telling = Pipe(duplex=False)
    pid = os.fork()
    if pid:
        telling.close()  # so that nothing more comes once the process has ended
        return hearing, pid
    try:
        _run(session, files, telling)
        telling.send([(_ENDED, {})])
    except BaseException:  # noqa: BLE001 - whatever it is, the other process raises it
        with suppress(OSError):
            telling.send([(_BROKE, {"because": traceback.format_exc()})])
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
            for what, told in _received(end, running[end]):
                if what == _ENDED:
                    del running[end]
                    continue
                _tell(what, told, session.config)
                running[end] = told.get("nodeid", running[end])
                left -= what == "pytest_runtest_logfinish"
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
    if left:
        raise RuntimeError(f"{left} tests were never run")


def _received(end: Connection, test: str) -> list[_Told]:
    try:
        messages: list[_Told] = end.recv()
    except EOFError:
        raise RuntimeError(f"A process of tests died: {test}") from None
    for what, told in messages:
        if what == _BROKE:
            raise RuntimeError(told["because"])
    return messages


def _tell(what: str, told: dict[str, Any], config: pytest.Config) -> None:
    if "report" in told:
        report = config.hook.pytest_report_from_serializable(config=config, data=told["report"])
        told = {"report": report}
    getattr(config.hook, what)(**told)
