"""
A peer that speaks Stripe's API, well or badly: a proxy that faults on demand, before whatever answers.

The faults are those of networks and of Stripe. What answers is a function: an honest one before localstripe, which puts
right what that lacks (idempotency keys, a few parameters and fields), or one that a test writes.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum, auto
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field, frozen


@frozen
class Asked:
    """A request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]

    @property
    def key(self) -> str | None:
        """Its idempotency key."""
        return self.headers.get("idempotency-key")


@frozen
class Told:
    """An answer."""

    status: int
    body: object


Answer = Callable[[Asked], Awaitable[Told]]


@define(eq=False)
class Once:
    """Answers as *answer* does, and what came under an idempotency key as it did the first time."""

    answer: Answer
    _kept: dict[str, tuple[Asked, Told]] = field(factory=dict)
    _under_way: set[str] = field(factory=set)

    async def __call__(self, asked: Asked) -> Told:
        if asked.key is None:
            return await self.answer(asked)
        if asked.key in self._under_way:
            return Told(409, an_error("idempotency_key_in_use", "idempotency_error"))
        if asked.key in self._kept:
            before, told = self._kept[asked.key]
            is_same = (before.path, before.form) == (asked.path, asked.form)
            return told if is_same else Told(400, an_error("", "idempotency_error"))
        self._under_way.add(asked.key)
        try:
            told = await self.answer(asked)
        finally:
            self._under_way.remove(asked.key)
        if told.status in _STORED:
            self._kept[asked.key] = asked, told
        return told


def an_error(code: str, kind: str, **more: str) -> dict[str, object]:
    """A body that tells of an error."""
    return {"error": {"type": kind, "code": code, "message": "", **more}}


_STORED = frozenset({200, 402})  # Stripe forgets what was not valid


class Fault(Enum):
    """What goes wrong with one request."""

    NONE = auto()
    DROPPED_ANSWER = auto()  # after the request went through
    CUT_ANSWER = auto()  # in the middle of it
    REFUSED_CONNECTION = auto()  # before the request went through
    DUPLICATED = auto()  # it goes through twice
    DELAYED = auto()
    TOO_MANY = auto()
    BROKEN_BEFORE = auto()  # 500, and nothing done
    BROKEN_AFTER = auto()  # 500, and done


@define(eq=False)
class FaultProxy:
    """
    Args:
        faults: What goes wrong with the next requests by POST, one after the other; afterwards, nothing does.
        heard: Every request that came.
    """

    answer: Answer
    url: str = ""
    faults: deque[Fault] = field(factory=deque)
    heard: list[Asked] = field(factory=list)
    delay_s: float = 0.3

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await _read(reader)
                self.heard.append(asked)
                fault = self.faults.popleft() if asked.method == "POST" and self.faults else Fault.NONE
                if not await self._answer_with(fault, asked, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer_with(self, fault: Fault, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection is still good."""
        match fault:
            case Fault.REFUSED_CONNECTION:
                return False
            case Fault.TOO_MANY:
                told = Told(429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}})
            case Fault.BROKEN_BEFORE:
                told = Told(500, {"error": {"type": "api_error"}})
            case Fault.DUPLICATED:
                _, told = await self.answer(asked), await self.answer(asked)
            case _:
                told = await self.answer(asked)
        match fault:
            case Fault.DROPPED_ANSWER:
                return False
            case Fault.CUT_ANSWER:
                written = _written(told)
                writer.write(written[: len(written) - 5])
                return False
            case Fault.BROKEN_AFTER:
                told = Told(500, {"error": {"type": "api_error"}})
            case Fault.DELAYED:
                await asyncio.sleep(self.delay_s)
        if told is DROP:
            return False
        writer.write(_written(told))
        await writer.drain()
        return True


DROP = Told(0, None)
"""What an answer gives that wants the connection cut instead."""


@asynccontextmanager
async def fault_proxy(answer: Answer) -> AsyncIterator[FaultProxy]:
    """A proxy before *answer*, on this machine."""
    proxy = FaultProxy(answer)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    proxy.url = f"http://{host}:{port}"
    try:
        yield proxy
    finally:
        listening.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request_line, *lines = head.strip().split("\r\n")
    method, target, _ = request_line.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Asked(method, parts.path, dict(parse_qsl(parts.query)), dict(parse_qsl(body.decode())), headers)


def _written(told: Told) -> bytes:
    body = json.dumps(told.body).encode()
    head = f"HTTP/1.1 {told.status} Answer\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
