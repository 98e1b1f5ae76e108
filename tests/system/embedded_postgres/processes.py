"""The processes around an embedded PostgreSQL, for tests that end them in every way."""

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

UNFLUSHED = {"fsync": "off", "full_page_writes": "off"}
"""Settings of a server whose commits outlive its death, but not the machine's."""

CLIENT = Path(__file__).with_name("client.py")


def eventually(condition: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def processes_of(data_dir: Path) -> set[int]:
    """Everything that works in the server's folder: its watchdog, initdb, the server, its backends."""
    home = str(data_dir.resolve() / "postgres")
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile, or is none of ours
            folder = str((process / "cwd").readlink())
            if folder == home or folder.startswith(f"{home}/"):
                found.add(int(process.name))
    return found


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres/data/postmaster.pid").read_text().splitlines()[0])


def watchdog_pid(data_dir: Path) -> int:
    pid = _parent(server_pid(data_dir))
    assert pid is not None
    return pid


def _parent(pid: int) -> int | None:
    """Of a process, unless it has ended meanwhile."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def kill_server(data_dir: Path, *, waits: bool = True) -> None:
    """
    Alone; its backends end when they notice.

    Args:
        waits: For that, too, or one might still do what it is asked.
    """
    server = server_pid(data_dir)
    backends = {pid for pid in processes_of(data_dir) if _parent(pid) == server}
    os.kill(server, signal.SIGKILL)
    if waits:
        eventually(lambda: backends.isdisjoint(processes_of(data_dir)))


def kill_everything(data_dir: Path, *clients: "Client") -> None:
    """All of it and *clients* at one moment: whatever outlived the others could still end in good order."""
    _send(signal.SIGSTOP, processes_of(data_dir))
    for each in clients:
        each.process.kill()
    while processes := processes_of(data_dir):
        _send(signal.SIGKILL, processes)


@contextmanager
def hanging(data_dir: Path) -> Iterator[None]:
    """The server takes connections and answers nothing, inside."""
    processes = processes_of(data_dir)
    try:
        _send(signal.SIGSTOP, processes)
        yield
    finally:
        _send(signal.SIGCONT, processes)


def _send(what: signal.Signals, processes: set[int]) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def answer(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return row and row[0]


def answers(url: str) -> bool:
    with suppress(psycopg.OperationalError):
        return answer(url, "SELECT 1") == 1
    return False


def write_a_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept (amount_minor bigint)")
        connection.execute("INSERT INTO kept VALUES (1999)")


class Client:
    """
    A process of its own that uses the server, from when its URL is known.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdin
        assert process.stdout
        self._input = process.stdin
        self._output = process.stdout

    def url(self) -> str:
        url = self._output.readline().strip()
        assert url, f"it did not start: {self.error()}"
        return url

    def error(self) -> str:
        assert self.process.stderr
        return self.process.stderr.read()

    def leave(self) -> None:
        self._input.close()
        assert self.process.wait(timeout=20) == 0


@contextmanager
def client(
    data_dir: Path,
    *wrapper: str,
    python: str = sys.executable,
    user: pwd.struct_passwd | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Client]:
    settings = [f"{name}={value}" for name, value in UNFLUSHED.items()]
    with subprocess.Popen(
        [*wrapper, python, str(CLIENT), str(data_dir), *settings],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=user and [],
        cwd="/",
    ) as process:
        try:
            yield Client(process)
        finally:
            process.kill()
