"""
The folder of one embedded server: its data, its log, its socket, and the two locks that decide everything.

The kernel frees the locks however their holders end, so no pid is ever believed:

- ``clients.lock``: each client holds it shared; the watchdog waits to have it alone, then stops the server.
- ``server.lock``: whoever gets it starts a watchdog, which inherits it and passes it on to the server.

A child forked without exec inherits its parent's share of ``clients.lock``, so it counts as a client, too.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE, S_ISDIR
from typing import IO
from urllib.parse import quote

from attrs import frozen

from .errors import EmbeddedPostgresError

if sys.platform != "win32":
    import fcntl

_SOCKET = ".s.PGSQL.5432"
_MAX_SOCKET_BYTES = 103  # what macOS takes; Linux takes 107
_MAX_LOG_BYTES = 10_000_000


@frozen
class Home:
    """
    Where one server lives.

    Args:
        path: The folder; its absolute path is what makes two processes mean the same server.
        sockets: The folder of the server's Unix socket: *path*, unless that cannot hold one.
    """

    path: Path
    sockets: Path

    @classmethod
    def below(cls, data_dir: Path) -> "Home":
        """
        Make the folder, where there is none. The mode of one that is there is left alone.

        Raises:
            EmbeddedPostgresError: no safe folder for the socket.
        """
        path = data_dir.resolve() / "postgres"
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(path, _socket_folder(path))

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def url(self) -> str:
        # Complete, so that no PGHOST or PGPORT of the environment has a say.
        place = f"host={quote(str(self.sockets), safe='')}&port=5432"
        # Else the server's log would show every row that it refuses.
        return f"postgresql://quayside@/quayside?{place}&options=--log_error_verbosity%3Dterse"

    def clients(self) -> IO[bytes]:
        return (self.path / "clients.lock").open("ab")

    @contextmanager
    def server(self) -> Iterator[IO[bytes] | None]:
        """The lock of the server, or None while anything of a server or its watchdog lives."""
        with (self.path / "server.lock").open("ab") as lock:
            yield lock if granted_alone(lock) else None

    def is_down(self) -> bool:
        with self.server() as lock:
            return lock is not None

    def is_used(self) -> bool:
        """Whether there are clients. A watchdog that stops the server holds the lock alone: it is none."""
        with self.clients() as probe:
            return not granted_alone(probe) and granted_shared(probe)

    def log(self) -> IO[bytes]:
        return (self.path / "postgres.log").open("a+b")

    def log_of_a_start(self) -> IO[bytes]:
        """The log, begun anew if it has grown big; the one before is kept."""
        log = self.log()
        if log.tell() <= _MAX_LOG_BYTES:
            return log
        log.close()
        (self.path / "postgres.log").replace(self.path / "postgres.log.1")
        return self.log()


def granted_alone(file: IO[bytes]) -> bool:
    return _granted(file, fcntl.LOCK_EX)


def granted_shared(file: IO[bytes]) -> bool:
    return _granted(file, fcntl.LOCK_SH)


def _granted(file: IO[bytes], lock: int) -> bool:
    try:
        fcntl.flock(file, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _socket_folder(home: Path) -> Path:
    if len(os.fsencode(home / _SOCKET)) <= _MAX_SOCKET_BYTES and "," not in str(home):  # libpq splits there
        return home
    # Not $TMPDIR: all processes have to agree on it.
    folder = Path("/tmp") / f"quayside-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"  # noqa: S108
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    owners = {os.geteuid(), home.stat().st_uid}
    if not (S_ISDIR(found.st_mode) and S_IMODE(found.st_mode) == 0o700 and found.st_uid in owners):
        raise EmbeddedPostgresError(
            f"{folder} belongs to somebody else, or others may enter it: the server's socket would not be safe "
            "there. Remove it, or set QUAYSIDE_DATA_DIR to a shorter path."
        )
    return folder
