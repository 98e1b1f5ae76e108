"""
Ask one thing over and over on many connections, and say how that went.

    python -m benchmarks.http_load PORT PATH TOKEN CONNECTIONS SECONDS [BODY]

With a body it is posted.

A process of its own that knows just enough of HTTP: it takes a tenth of the time of the server it asks.
"""

import asyncio
import json
import sys
from functools import partial
from statistics import quantiles
from time import perf_counter
from typing import cast

from attrs import define, field

from quayside.entrypoints.server import run


@define(eq=False)
class Caller(asyncio.Protocol):
    """
    Asks on one connection until it is time to stop.

    Args:
        request: Sent again whenever it was answered.
        until: On the clock of `perf_counter`.
        waits_s: Gets how long each answer took.
    """

    request: bytes
    until: float
    waits_s: list[float]
    done: asyncio.Future[None]
    _transport: asyncio.Transport = field(init=False)
    _received: bytes = field(default=b"", init=False)
    _asked_at: float = field(default=0.0, init=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not is_whole(self._received):
            return
        now = perf_counter()
        self.waits_s.append(now - self._asked_at)
        is_good = self._received.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 "))
        if is_good and now < self.until:
            self._received = b""
            self._ask()
            return
        self._transport.close()
        if not is_good:
            self.done.set_exception(AssertionError(self._received))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.done.done():
            return
        if perf_counter() < self.until:
            self.done.set_exception(exc or ConnectionResetError("the server hung up"))
        else:
            self.done.set_result(None)

    def _ask(self) -> None:
        self._asked_at = perf_counter()
        self._transport.write(self.request)


def is_whole(received: bytes) -> bool:
    """Whether an answer has arrived to its end."""
    head, end, body = received.partition(b"\r\n\r\n")
    length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return bool(end) and len(body) >= int(length)


async def load(  # noqa: PLR0913, PLR0917 - as they are on the command line
    port: int, path: str, token: str, connections: int, seconds: float, body: str = ""
) -> dict[str, float]:
    """Answers a second, and how long the slowest hundredth of them took at least."""
    method = "POST" if body else "GET"
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    request = "".join(f"{line}\r\n" for line in (*lines, "")).encode() + body.encode()
    loop = asyncio.get_running_loop()
    waits_s: list[float] = []
    started_at = perf_counter()
    ends = [loop.create_future() for _ in range(connections)]
    for end in ends:
        caller = partial(Caller, request, started_at + seconds, waits_s, end)
        await loop.create_connection(caller, "127.0.0.1", port)
    await asyncio.gather(*ends)
    rate = len(waits_s) / (perf_counter() - started_at)
    return {"rate": rate, "p99_ms": quantiles(waits_s, n=100)[-1] * 1e3}


if __name__ == "__main__":
    port, path, token, connections, seconds, *body = sys.argv[1:]
    print(json.dumps(run(load(int(port), path, token, int(connections), float(seconds), *body))))
