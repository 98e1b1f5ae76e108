"""Has a PostgreSQL run for as long as any process uses it."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

from attrs import define, field
from psycopg import AsyncConnection, OperationalError
from psycopg.conninfo import make_conninfo
from psycopg.errors import DuplicateDatabase, UniqueViolation

from .binaries import Binaries, choose_binaries, installed_binaries
from .errors import EmbeddedPostgresError
from .home import Home, granted_shared

_log = logging.getLogger(__name__)

_POLL_S = 0.02
_KEEP_S = 0.5
_STOP_S = 10.0
_MAX_STARTS = 3  # whoever kills servers may hit one that is just starting


@asynccontextmanager
async def embedded_postgres(
    data_dir: Path, *, settings: Mapping[str, str] | None = None, timeout_s: float = 60
) -> AsyncIterator[str]:
    """
    Give the URL of the database ``quayside`` on a server that runs while the block does.

    All processes that name the same *data_dir* share one server: the first starts it, the last stops it, and
    one that dies meanwhile is started again within seconds. The block ends when the server has stopped, unless
    somebody else uses it.

    Args:
        data_dir: The server's data, locks and log are kept in ``postgres`` below it.
        settings: Of the server, besides ours; without effect on one that already runs.
        timeout_s: How long the server may take to answer, recovery from a crash included.

    Raises:
        EmbeddedPostgresError: no PostgreSQL is installed, none fits the data, or it does not start.
    """
    if sys.platform == "win32":
        raise EmbeddedPostgresError(
            "The embedded PostgreSQL runs on Linux and macOS. On Windows, set QUAYSIDE_DATABASE_URL to a server."
        )
    server = _Server(Home.below(data_dir), settings or {})
    with server.home.clients() as clients:
        await server.join(clients, timeout_s)
        keeper = asyncio.create_task(server.keep())
        try:
            yield server.home.url
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])
            await server.leave(clients)


@define
class _Server:
    home: Home
    settings: Mapping[str, str]
    _refusal: str = field(default="nothing listens", init=False)  # why it did not answer when last asked
    _log_start: int = field(default=0, init=False)  # bytes of the log that earlier servers wrote

    async def join(self, clients: IO[bytes], timeout_s: float) -> None:
        """Become a client, and have the server run."""
        try:
            async with asyncio.timeout(timeout_s):
                await _until(lambda: granted_shared(clients))  # the last client may just have left: it stops
                await self._run()
        except TimeoutError:
            raise self._failure(f"did not answer within {timeout_s:g} s ({self._refusal})") from None

    async def leave(self, clients: IO[bytes]) -> None:
        """Cease to be a client; if that leaves none, see the server stopped."""
        clients.close()
        with suppress(TimeoutError, FileNotFoundError):  # somebody may have deleted the whole folder
            async with asyncio.timeout(_STOP_S):
                await _until(lambda: self.home.is_down() or self.home.is_used())

    async def keep(self) -> None:
        """Start the server again whenever it, or its watchdog, has died."""
        while True:
            await asyncio.sleep(_KEEP_S)
            try:
                if self.home.is_down():
                    _log.warning("the embedded PostgreSQL has died and is started again: %s", self.home.path)
                    await self._run()
            except (EmbeddedPostgresError, OSError):
                _log.exception("the embedded PostgreSQL could not be started again")

    async def _run(self) -> None:
        starts = 0
        while not await self._answers():
            with self.home.server() as lock:
                if lock and starts == _MAX_STARTS:
                    raise self._failure("did not start")
                if lock:
                    await self._start(lock)
                    starts += 1
            await asyncio.sleep(_POLL_S)

    async def _answers(self) -> bool:
        maintenance = make_conninfo(self.home.url, dbname="postgres", connect_timeout=5)
        try:
            async with await AsyncConnection.connect(maintenance, autocommit=True) as connection:
                found = await connection.execute("SELECT FROM pg_database WHERE datname = 'quayside'")
                if not found.rowcount:
                    with suppress(DuplicateDatabase, UniqueViolation):  # another client was faster
                        await connection.execute("CREATE DATABASE quayside")
        except OperationalError as refusal:
            self._refusal = str(refusal)
            return False
        return True

    async def _start(self, lock: IO[bytes]) -> None:
        binaries = await asyncio.to_thread(lambda: choose_binaries(self.home.data, installed_binaries()))
        with self.home.log_of_a_start() as log:
            self._log_start = log.tell()
            watchdog = await asyncio.create_subprocess_exec(
                *(sys.executable, "-IS", str(Path(__file__).with_name("watchdog.py"))),
                self._orders(binaries, lock.fileno()),
                pass_fds=[lock.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,  # not ours: whoever reads those would wait for the server's end
                stderr=log,
                cwd=self.home.path,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is meant for us
            )
            await watchdog.wait()  # it goes on in the background

    def _orders(self, binaries: Binaries, server_lock: int) -> str:
        settings = {
            **self.settings,
            "listen_addresses": "",
            "unix_socket_directories": '"{}"'.format(str(self.home.sockets).replace('"', '""')),
            "unix_socket_permissions": "0700",  # nobody else can connect: whoever does is trusted
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        initdb = ["--username=quayside", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"]
        if settings.get("fsync") == "off":
            initdb.append("--no-sync")
        options = [f"--{name}={value}" for name, value in settings.items()]
        orders = {
            "home": str(self.home.path),
            "sockets": str(self.home.sockets),
            "initdb": [str(binaries.folder / "initdb"), *initdb, *binaries.locale],
            "postgres": [str(binaries.folder / "postgres"), *options],
            "server_lock": server_lock,
        }
        return json.dumps(orders)

    def _failure(self, what: str) -> EmbeddedPostgresError:
        with self.home.log() as log:
            log.seek(self._log_start)
            tail = log.read().decode(errors="replace").splitlines()[-20:]
        return EmbeddedPostgresError("\n".join((f"PostgreSQL {what}. The end of {log.name}:", *tail)))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the kernel tells no event of a lock
        await asyncio.sleep(_POLL_S)


def _environment() -> dict[str, str]:
    """Ours, but what is meant for another PostgreSQL; the messages of this one are in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}
