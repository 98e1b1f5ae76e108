"""
Serve one of the candidates in a process of its own, with the settings that our service gives uvicorn.

    python -m benchmarks.serve benchmarks.peers.bare_litestar:application postgresql://… uvicorn
"""

import socket
import sys
from pkgutil import resolve_name
from typing import Any, cast

import uvicorn
from granian.constants import Interfaces
from granian.server.embed import Server as Granian

from quayside.adapters.telemetry.logging import configure_logging
from quayside.entrypoints.api import ASGIApp
from quayside.entrypoints.server import run, server_config
from quayside.entrypoints.settings import Settings


async def serve(name: str, database_url: str, server: str) -> None:
    """Serve what *name* makes on a free port, and print which."""
    async with resolve_name(name)(database_url) as app:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            if server == "granian":
                listener.close()
                print(port, flush=True)
                await _granian(app, port)
            else:
                print(port, flush=True)
                await uvicorn.Server(server_config(app, Settings())).serve([listener])


async def _granian(app: ASGIApp, port: int) -> None:
    server = Granian(
        cast("Any", app), port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False
    )
    await server.serve()


if __name__ == "__main__":
    configure_logging("info", "json")
    run(serve(*sys.argv[1:]))
