"""What was answered under an idempotency key: kept before it leaves, and given again byte for byte."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import structlog
from attrs import define, field, frozen
from litestar import Request, Response

from ...core.kernel import CustomerId, QuaysideError
from ...core.resilience import Claim, IdempotencyKeys
from .edge import ASGIApp, Message, Receive, Scope, Send
from .served import served_by

_KEPT = frozenset({*range(200, 300), 402, 422})
_UNCLEAR = frozenset({500, 503, 504})
_OWN_HEADERS = frozenset({"content-length", "content-type"})  # which every answer is given by its content
_PATIENCE_S = 1.0

_log = structlog.get_logger()


class FirstAnswer(msgspec.Struct):
    """What was answered when something was first asked for, as it is kept."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    request_id: str


class AnsweredBeforeError(Exception):
    """The same was asked for under the same key before, and answered."""

    def __init__(self, answer: bytes) -> None:
        self.answer = msgspec.msgpack.decode(answer, type=FirstAnswer)


def repeat(_: Request[Any, Any, Any], error: AnsweredBeforeError) -> Response[bytes]:
    """Answer as the first time, byte for byte."""
    first = error.answer
    headers = dict(first.headers)
    return Response(
        first.body,
        status_code=first.status,
        media_type=headers.get("content-type"),
        headers={
            **{name: value for name, value in headers.items() if name not in _OWN_HEADERS},
            "X-Request-ID": first.request_id,
            "Idempotent-Replayed": "true",
        },
    )


@frozen
class FirstAnswers:
    """An ASGI application that ends the claims which another one's requests hold, before they are answered."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "POST":
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, receive, _Answer(scope, send))
        except BaseException:
            # It fell through, or took too long already, so not much longer; else the lease ends at some time.
            if claim := scope["state"].get("claim"):
                await leave_claim(claim, served_by(scope).application.idempotency.keys)
            raise


@define
class _Answer:
    """Holds the answer of a request that has a claim back until the claim has ended."""

    scope: Scope
    send: Send
    start: Message = field(factory=dict)
    body: bytes = b""

    async def __call__(self, message: Message) -> None:
        claim: Claim | None = self.scope["state"].get("claim")
        if claim is None:
            await self.send(message)
        elif message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                answer = self._whole()
                keys = served_by(self.scope).application.idempotency.keys
                shown = self.scope["state"].get("shown_customer_id")
                kept = msgspec.msgpack.encode(answer)
                await end_claim(claim, answer.status, kept, keys, customer_id=shown)
                await self.send(self.start)
                await self.send({"type": "http.response.body", "body": self.body, "more_body": False})

    def _whole(self) -> FirstAnswer:
        headers = [
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in self.start["headers"]
        ]
        return FirstAnswer(self.start["status"], headers, self.body, self.scope["state"]["request_id"])


async def end_claim(
    claim: Claim, status: int, answer: bytes, keys: IdempotencyKeys, *, customer_id: CustomerId | None = None
) -> None:
    """
    End a claim as an answer with *status* says: it is kept, or the key is free, or nobody knows how far it came.

    Args:
        customer_id: Of whom the answer shows something personal.
    """
    with _what_fails_logged(claim):
        if status in _KEPT:
            await keys.keep(claim, answer, customer_id=customer_id)
        elif status in _UNCLEAR:
            await keys.leave(claim)
        else:
            await keys.free(claim)


async def leave_claim(claim: Claim, keys: IdempotencyKeys) -> None:
    """End a claim whose answer nobody waits for any more."""
    with _what_fails_logged(claim):
        async with asyncio.timeout(_PATIENCE_S):
            await keys.leave(claim)


@contextmanager
def _what_fails_logged(claim: Claim) -> Iterator[None]:
    """What was done stays done: when the lease ends, whoever asks again goes on with it, and hears of it."""
    try:
        yield
    except (QuaysideError, TimeoutError) as error:
        _log.warning("claim not ended", operation_id=str(claim.operation_id), exc_info=error)
