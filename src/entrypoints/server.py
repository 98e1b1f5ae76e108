"""The process that serves the API: it listens, is told to stop, finishes what it began, and ends."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from types import FrameType
from typing import Any, TypeVar, cast

import structlog
import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from ..core.kernel import ConflictError
from .api import ASGIApp, create_app, create_operations_app
from .composition import Application, composed, listener_of, worker_of
from .first_admin import make_first_admin
from .http_protocol import PatientProtocol
from .settings import Settings
from .worker import at_work
from .workers import Workers

Result = TypeVar("Result")

_log = structlog.get_logger()


class CannotListenError(ConflictError):
    """The address cannot be had: another process listens there, or the machine does not have it."""

    code = "cannot_listen"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Cannot listen on {host}:{port}: {reason}. "
            "Choose with --host and --port, or QUAYSIDE_HOST and QUAYSIDE_PORT; port 0 takes a free one."
        )


class GracefulServer(uvicorn.Server):
    """
    Serves until SIGTERM or SIGINT, then answers the requests in flight; a second signal ends the process at once.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        with _refusal_to_listen(self.config.host, self.config.port):
            for listener in sockets or []:
                # Left to uvloop, a refusal would only close the socket, and tell nobody.
                listener.listen(self.config.backlog)
            await super().startup(sockets)
        for listener in sockets or []:
            url = _url_of(listener)
            _log.info("listening", url=url, documentation=f"{url}/schema")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info("stopping", requests_in_flight=len(self.server_state.tasks))
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as signals have it
        if self.should_exit:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        # Unlike the base class, do not remember the signal: raised again at the end, it would turn success into death.
        self.should_exit = True


class WorkerServer(GracefulServer):
    """The same as one of several processes: a terminal's SIGINT, sent to all of them, is the parent's to heed."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig != signal.SIGINT:
            super().handle_exit(sig, frame)


class OperationsServer(GracefulServer):
    """The same beside what the process is there for, which heeds the signals and says when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(settings: Settings, *, works: bool = True) -> None:
    """
    Serve until told to stop.

    The port is taken first, so that a second service started by mistake touches no data; connections are accepted
    last, when everything that answers them is there.

    Args:
        works: Whether it reacts to the event log, too.

    Raises:
        CannotListenError: the address is taken or not this machine's.
    """
    with _bound_socket(settings.host, settings.port) as listener:
        run(_serve(settings.on_port(listener.getsockname()[1]), listener, works=works))
    _log.info("stopped")


async def _serve(settings: Settings, listener: socket.socket, *, works: bool) -> None:
    async with composed(settings, migrates=True) as application, _worker(application, works=works):
        if told := await make_first_admin(application, _url_of(listener)):
            print(told, flush=True)  # noqa: T201  a log would mask it, and keep it
        if settings.workers > 1:
            # What answers at the port is any of them, and never this one.
            async with operations_served(application):
                await Workers(_work, settings, listener).run()
        else:
            await GracefulServer(server_config(create_app(application), settings)).serve([listener])


def _work(settings: Settings, listener: socket.socket) -> None:
    run(_serve_beside_others(settings, listener))


async def _serve_beside_others(settings: Settings, listener: socket.socket) -> None:
    async with composed(settings) as application, _worker(application, works=False):
        await WorkerServer(server_config(create_app(application), settings)).serve([listener])


@asynccontextmanager
async def operations_served(application: Application) -> AsyncIterator[None]:
    """
    Tell whoever asks how *application* is and what it measures, inside, if there is a port for it.

    Raises:
        CannotListenError: the address is taken or not this machine's.
    """
    settings = application.settings
    if settings.operations_port is None:
        yield
        return
    with _bound_socket(settings.host, settings.operations_port) as listener:
        server = OperationsServer(server_config(create_operations_app(application), settings))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving


def _worker(application: Application, *, works: bool) -> AbstractAsyncContextManager[None]:
    worker = worker_of(application) if works else listener_of(application)
    return at_work(worker) if worker else nullcontext()


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves *app*; opening and closing that is the caller's."""
    return uvicorn.Config(
        cast("Any", app),
        host=settings.host,
        port=settings.port,
        http=cast(type[asyncio.Protocol], partial(PatientProtocol, patience_s=settings.client_patience_s)),
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
        log_config=None,
        access_log=False,
        # Any client on this machine could otherwise claim another's address.
        proxy_headers=False,
        server_header=False,
        ws="none",
        lifespan="off",  # what the application needs is opened and closed around all this
    )


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run *main* to its end, on the faster loop where that is installed."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(main)


@contextmanager
def _bound_socket(host: str, port: int) -> Iterator[socket.socket]:
    with _refusal_to_listen(host, port):
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    with listener:
        with _refusal_to_listen(host, port):
            if os.name == "posix":
                # Else a restart would have to wait until the old connections have timed out.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        yield listener


@contextmanager
def _refusal_to_listen(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotListenError(host, port, error.strerror or str(error)) from error


def _url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"
