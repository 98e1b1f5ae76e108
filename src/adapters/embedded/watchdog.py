"""
Runs the embedded PostgreSQL until no client is left. Started by the launcher, as a script: standard library only.

It waits for the exclusive lock on the file on which each client holds a shared one. The kernel frees those
however a client ends, so none can leave a server behind. Everything started here inherits the launcher's lock on
``server.lock``: while any of it lives, down to the last backend, nobody else starts a server on this data.
"""

import ctypes
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


def main(home: Path, sockets: Path, initdb: list[str], postgres: list[str], server_lock: int) -> None:
    """
    Serve the data in *home*.

    Args:
        home: Holds the data, the locks and the log.
        sockets: Folder of the Unix socket.
        initdb: Command that makes a cluster, but for the folder.
        postgres: Command that serves one, but for the folder.
        server_lock: Descriptor of the locked ``server.lock``.
    """
    # Only the clients' leaving ends the server. A signal to a whole group must not take it from under
    # those who still finish their work.
    for stop in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)
    data = home / "data"
    with (home / "clients.lock").open("ab") as clients:
        for lock_file in (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
            _forget_dead_server(lock_file)
        if os.geteuid() == 0:
            _leave_root(home, sockets)
            _require_reach(home, Path(postgres[0]))
        if not (data / "PG_VERSION").exists():
            _initialise(data, initdb, server_lock)
        _serve(_start([*postgres, "-D", str(data)], server_lock), clients.fileno())


def _serve(server: subprocess.Popen[bytes], clients: int) -> None:
    def end_with_server(*_: object) -> None:
        if server.poll() is not None:
            sys.exit(1)  # the clients notice, and start both again

    signal.signal(signal.SIGCHLD, end_with_server)
    end_with_server()  # it may have ended before the handler was there
    # Granted when the last client is gone, and kept, so that the next one waits until all has stopped.
    fcntl.flock(clients, fcntl.LOCK_EX)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    server.send_signal(signal.SIGINT)  # "fast": sessions are ended, data is flushed
    server.wait()


def _start(command: list[str], server_lock: int) -> subprocess.Popen[bytes]:
    # The commands are the launcher's. This process has one thread, so that none can hold a lock at the fork.
    return subprocess.Popen(command, pass_fds=[server_lock], preexec_fn=_end_with_parent)  # noqa: PLW1509, S603


def _end_with_parent() -> None:
    # Linux only: elsewhere a server whose watchdog is killed runs on until it is stopped by hand.
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _initialise(data: Path, initdb: list[str], server_lock: int) -> None:
    """Make a cluster aside and move it in place when it is whole, so that half of one is never served."""
    unfinished = data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    if _start([*initdb, "-D", str(unfinished)], server_lock).wait() != 0:
        sys.exit(1)
    unfinished.rename(data)
    parent = os.open(data.parent, os.O_RDONLY)
    os.fsync(parent)  # or a power cut could bring back the name of which the next start disposes
    os.close(parent)


def _forget_dead_server(lock_file: Path) -> None:
    """
    Remove what a killed server left, if nothing answers at the socket it names.

    PostgreSQL goes by the pid in there, and does not start if there is such a process: after a reboot some other
    program, in a container whose first process does not reap its dead even the killed server itself.
    """
    try:
        _, _, _, port, folder, *_ = lock_file.read_text().splitlines()
        if folder:  # else it is not fully written, or names no socket: let PostgreSQL judge
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(f"{folder}/.s.PGSQL.{port}")
    except (ConnectionRefusedError, FileNotFoundError):
        lock_file.unlink(missing_ok=True)


def _leave_root(home: Path, sockets: Path) -> None:
    """
    Go on as somebody else, for PostgreSQL refuses to run as root.

    Root's files are best served in a user namespace, in which root is called nobody: the files stay root's.
    Where that is forbidden, as in many containers, they are given to nobody. Files that belong to an ordinary
    user, who once started quayside without root, are served as that user.
    """
    owner = home.stat().st_uid
    nobody = pwd.getpwnam("nobody")
    if owner == 0 and _rename_root(nobody):
        return
    account = pwd.getpwuid(owner) if owner else nobody
    for path in (sockets, *(() if owner else (home, *home.rglob("*")))):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _require_reach(*paths: Path) -> None:
    for path in paths:
        if not os.access(path, os.X_OK):
            sys.exit(
                f"PostgreSQL refuses to run as root, and without root's rights {path} is out of reach. Run quayside "
                "as an ordinary user; or give everybody access to the folders above it; or set QUAYSIDE_DATABASE_URL."
            )


def _rename_root(account: pwd.struct_passwd) -> bool:
    if sys.platform != "linux" or _libc.unshare(_CLONE_NEWUSER) != 0:
        return False
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{account.pw_uid} 0 1")
    Path("/proc/self/gid_map").write_text(f"{account.pw_gid} 0 1")
    return True


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # the launcher waits for this one only; the watchdog itself is nobody's child
    arguments = json.loads(sys.argv[1])
    main(Path(arguments.pop("home")), Path(arguments.pop("sockets")), **arguments)
