"""A link to a PostgreSQL server that can be cut and mended, or hang, as a network or a restarting server does it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class CuttableLink:
    """
    Passes bytes between clients and a server, until told otherwise.

    Args:
        conninfo: The server's, with host and port.
    """

    def __init__(self, conninfo: str) -> None:
        self._server = conninfo
        self._open: set[asyncio.StreamWriter] = set()
        self._refuses = False
        self._cut_before: bytes | None = None
        self._cut_after: bytes | None = None
        self._mends = False
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self.conninfo = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["CuttableLink"]:
        listener = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.conninfo = make_conninfo(
            self._server, host="127.0.0.1", port=listener.sockets[0].getsockname()[1], sslmode="disable"
        )
        async with listener:
            yield self
            self.cut()

    def cut(self) -> None:
        """Drop every connection, and refuse new ones."""
        self._refuses = True
        for writer in self._open:
            writer.close()
        self._open.clear()

    def mend(self) -> None:
        """Let connections through again."""
        self._refuses = False

    def hang(self) -> None:
        """Keep every connection, take new ones, and let nothing through."""
        self._goes_on.clear()

    def go_on(self) -> None:
        """Let through what was sent meanwhile, and what comes."""
        self._goes_on.set()

    def cut_before(self, statement: bytes) -> None:
        """Cut when a client sends *statement*, so that the server never hears it."""
        self._cut_before = statement

    def cut_after(self, statement: bytes, *, mends: bool = False) -> None:
        """
        Cut when the server has answered *statement*, so that the client never hears it.

        Args:
            mends: Whether it is mended at once, and not cut again.
        """
        self._cut_after, self._mends = statement, mends

    async def _connect(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        if self._refuses:
            client_out.close()
            return
        server_in, server_out = await self._reach_server()
        self._open |= {client_out, server_out}
        last_answer = asyncio.Event()
        with suppress(ConnectionError):
            await asyncio.gather(
                self._to_server(client_in, server_out, last_answer),
                self._to_client(server_in, client_out, last_answer),
            )

    async def _reach_server(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        server = conninfo_to_dict(self._server)
        host, port = str(server["host"]), server.get("port", 5432)
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, int(str(port)))

    async def _to_server(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter, last_answer: asyncio.Event
    ) -> None:
        while sent := await client.read(65_536):
            await self._goes_on.wait()
            if self._cut_before and self._cut_before in sent:
                self.cut()
                return
            if self._cut_after and self._cut_after in sent:
                last_answer.set()
            server.write(sent)
        server.close()

    async def _to_client(
        self, server: asyncio.StreamReader, client: asyncio.StreamWriter, last_answer: asyncio.Event
    ) -> None:
        while answer := await server.read(65_536):
            await self._goes_on.wait()
            if last_answer.is_set():
                self.cut()
                if self._mends:
                    self._cut_after = None
                    self.mend()
                return
            client.write(answer)
        client.close()
