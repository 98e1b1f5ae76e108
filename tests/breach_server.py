"""Pwned Passwords, on this machine: a real HTTP server that speaks its protocol, well or badly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha1

from attrs import define, field

Answer = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]
"""Writes an answer, given the range that an honest one would hold."""


@define(eq=False)
class BreachServer:
    """
    Args:
        url: Where it listens.
        heard: All that was sent to it, each request's head as it came.
        answer: How it answers.
    """

    url: str
    _lines: dict[str, list[str]]
    answer: Answer
    heard: list[bytes] = field(factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heard.append(head)
                prefix = head.split(b" ")[1].decode().removeprefix("/range/")
                await self.answer(writer, "\r\n".join(self._lines.get(prefix, PADDING)).encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


PADDING = ["00000000000000000000000000000000000:0", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF:0"]


@asynccontextmanager
async def breach_server(**breached: int) -> AsyncIterator[BreachServer]:
    """
    Args:
        breached: Passwords, and how often each was seen; 0 makes it padding.
    """
    lines: dict[str, list[str]] = {}
    for password, count in breached.items():
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        lines.setdefault(digest[:5], [*PADDING]).append(f"{digest[5:]}:{count}")
    server = BreachServer("", lines, honestly)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        listening.close()


async def honestly(writer: asyncio.StreamWriter, lines: bytes) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (len(lines), lines)
    )


def with_status(status: str, *headers: str) -> Answer:
    async def answer(writer: asyncio.StreamWriter, lines: bytes) -> None:
        head = "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(lines)}"])
        writer.write(head.encode() + b"\r\n\r\n" + lines)

    return answer


def with_body(body: bytes, *headers: str) -> Answer:
    async def answer(writer: asyncio.StreamWriter, _: bytes) -> None:
        await with_status("200 OK", *headers)(writer, body)

    return answer


async def never(writer: asyncio.StreamWriter, _: bytes) -> None:
    await writer.drain()


async def drop_by_drop(writer: asyncio.StreamWriter, lines: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(lines))
    for place in range(len(lines)):
        writer.write(lines[place : place + 1])
        await writer.drain()
        await asyncio.sleep(0.05)


async def without_end(writer: asyncio.StreamWriter, lines: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"%x\r\n%b\r\n\r\n" % (len(lines) + 2, lines + b"\r\n"))
        await writer.drain()


async def cut_off(writer: asyncio.StreamWriter, lines: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + lines)
    writer.close()


async def no_http(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")
    writer.close()
