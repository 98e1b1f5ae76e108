"""
The one layer around the whole API: what is true of every request, whoever answers it.

The framework's own hooks do not see what fails in its routing or outside its handlers; this does.
"""

import asyncio
import re
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, MutableMapping
from time import monotonic, perf_counter
from typing import Any

import structlog
from attrs import define, field, frozen

from ...adapters.telemetry.metrics import PrometheusMetrics
from ...core.eventlog import Origin, acting_for
from ...core.kernel import IdFactory
from ...core.resilience import waited_for_until
from .cross_origin import cross_origin_headers
from .errors import TimeLimitError, refusal_of
from .problem_details import WrittenRefusal, written
from .request_log import RequestLog
from .trace_context import continued

# As the specification of ASGI has them.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_UNKNOWN_ROUTE = "unknown"
_CLIENT_GONE = 499  # nginx's: nobody was left to be answered
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,128}")


@frozen
class Edge:
    """
    An ASGI application that gives another one request ids, traces, measurements, a log line, a time limit and HEAD.

    Args:
        app: Answers the requests; what it raises becomes an answer, too.
        time_limit_s: After that, a request without an answer is given up; or without the next part of one that comes
            in parts.
        state: What every request carries to whoever answers it.
        readers: Origins whose pages may read the answers.
        log: Gets a line on each request.
    """

    app: ASGIApp
    new_id: IdFactory
    metrics: PrometheusMetrics
    time_limit_s: float
    state: Mapping[str, object] = {}
    readers: Collection[str] = ()
    log: RequestLog = field(factory=RequestLog)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_at = perf_counter()
        method = scope["method"]
        correlation_id = self.new_id()
        request_id = _sent_request_id(scope) or str(correlation_id)
        traceparent = continued(_only_header(scope, b"traceparent"))
        headers = {
            "X-Request-ID": request_id,
            "traceparent": traceparent,
            **cross_origin_headers(scope, self.readers),
        }
        scope.setdefault("state", {}).update(
            self.state, request_id=request_id, answer_headers=headers, wants_body=method != "HEAD"
        )
        if method == "HEAD":
            scope["method"] = "GET"
        answer = _Answer(send, request_id, headers, has_body=method != "HEAD")
        origin = Origin(correlation_id=correlation_id, traceparent=traceparent)
        trace_id = traceparent.split("-")[1]
        bound = structlog.contextvars.bind_contextvars(request_id=request_id, trace_id=trace_id)
        try:
            with acting_for(origin), self.metrics.request_in_flight():
                await self._answer(scope, receive, answer)
        finally:
            labels = {
                "method": method if method in _METHODS else "other",
                "route": scope.get("path_template") or _UNKNOWN_ROUTE,
            }
            status, seconds = answer.status or _CLIENT_GONE, perf_counter() - started_at
            self.metrics.observe_request(**labels, status=status, seconds=seconds)
            self.log.write(scope, trace_id, status=status, seconds=seconds, **labels)
            structlog.contextvars.reset_contextvars(**bound)

    async def _answer(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        limit = asyncio.timeout(self.time_limit_s)
        try:
            async with limit:
                scope["state"]["ends_at"] = limit.when()
                answer.moves = lambda: limit.reschedule(get_running_loop().time() + self.time_limit_s)
                if unreadable := scope["state"].get("unreadable"):
                    raise unreadable  # noqa: TRY301 - the server's, which found no request in what it was sent
                with waited_for_until(monotonic() + self.time_limit_s):
                    await self.app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer, and we a log line
            failure = TimeLimitError("The request took too long.") if limit.expired() else error
            refusal = refusal_of(failure, scope["state"].get("payment_id"))
            if answer.status is None:
                await answer.refuse(refusal.status, written(refusal, answer.request_id, scope))
            # Else half of it is out: returning here makes the server cut the connection, which tells the client.


@define
class _Answer:
    """
    Sends an answer on, with the headers that every answer has.

    Args:
        headers: What is inside may add to them; a header that the answer has already is left as it is, but for
            ``Vary``, of which all count.
        moves: Told of each part that is out, where more is to come.
    """

    send: Send
    request_id: str
    headers: Mapping[str, str]
    has_body: bool
    status: int | None = None
    moves: Callable[[], None] = field(default=lambda: None, init=False)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *map(_told_of_head, message["headers"]),
                *self._more_than(message["headers"]),
            ]
        elif message["type"] == "http.response.body" and not self.has_body:
            message["body"] = b""
        await self.send(message)
        if message.get("more_body"):
            self.moves()

    async def refuse(self, status: int, refusal: WrittenRefusal) -> None:
        headers = {
            **refusal.headers,
            "content-type": refusal.media_type,
            "content-length": str(len(refusal.content)),
        }
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self({"type": "http.response.start", "status": status, "headers": raw})
        await self({"type": "http.response.body", "body": refusal.content, "more_body": False})

    def _more_than(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers} - {b"vary"}
        own = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        return [header for header in own if header[0] not in present]


def _told_of_head(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """The header, ``Allow`` with HEAD wherever it has GET."""
    name, value = header
    if name != b"allow":
        return header
    methods = {method.strip() for method in value.split(b",")}
    if b"GET" not in methods:
        return header
    return name, b", ".join(sorted(methods | {b"HEAD"}))


def _sent_request_id(scope: Scope) -> str | None:
    sent = _only_header(scope, b"x-request-id")
    return sent if sent and _VISIBLE_ASCII.fullmatch(sent) else None


def _only_header(scope: Scope, name: bytes) -> str | None:
    values = [value for sent_name, value in scope["headers"] if sent_name == name]
    return values[0].decode("latin-1") if len(values) == 1 else None
