"""
Doing once what is asked for more than once under one key: declared beside a route, and none of its handler's business.

    @post("/payments", access=…, idempotent=True)
    async def create_payment(data: JSONBody[CreatePaymentRequest], operation_id: NamedDependency[UUID], …)

What the handler does is known by ``operation_id``, the same one wherever an attempt goes on with what another began.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import msgspec
import structlog
from attrs import define, field, frozen
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute

from ...core.kernel import InternalError, Principal, QuaysideError, ValidationFailedError
from ...core.resilience import Claim, IdempotencyKeys
from .documentation import errors_of
from .edge import ASGIApp, Message, Receive, Scope, Send
from .exact_json import JsonObject
from .idempotency_keys import HEADER, KeyedRequest, canonical, key_in
from .models import RequestModel
from .served import served_by

_KEPT = frozenset({*range(200, 300), 402, 422})
_UNCLEAR = frozenset({500, 503, 504})
_OWN_HEADERS = frozenset({"content-length", "content-type"})  # which every answer is given by its content
_PATIENCE_S = 1.0

_log = structlog.get_logger()


class MisdeclaredIdempotencyError(InternalError):
    """A route says that it takes keys, and could not hold to it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is idempotent, so it takes a login, a KeyedRequest, and an operation_id.")


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


class IdempotencyPlugin(ReceiveRoutePlugin):
    """Refuses a route that is declared idempotent and cannot be, and has those that can be described."""

    def receive_route(self, route: BaseRoute) -> None:
        """
        Raises:
            MisdeclaredIdempotencyError.
        """
        for handler in getattr(route, "route_handlers", ()):
            if not is_idempotent(handler):
                continue
            data = handler.parsed_data_field
            takes_key = data is not None and issubclass(data.annotation, KeyedRequest)
            takes_id = "operation_id" in handler.parsed_fn_signature.parameters
            if not (takes_key and takes_id and handler.opt["access"].needs_login):
                raise MisdeclaredIdempotencyError(route.path)
            handler.responses = {**errors_of((409, 422)), **(handler.responses or {})}


def is_idempotent(handler: HTTPRouteHandler) -> bool:
    """Whether the handler's route is declared to take keys."""
    return handler.opt.get("idempotent") is True


async def read_keyed(
    request: Request[Any, Any, Any], model: type[RequestModel], sent: JsonObject
) -> RequestModel:
    """
    Read a body, and claim the key that came with it, if one did.

    Raises:
        ValidationFailedError: as `RequestModel.read`, and also where it breaks rules: a key is claimed for what is
            valid.
        AnsweredBeforeError: to be answered with the first answer.
        IdempotencyKeyReusedError, IdempotencyInProgressError.
    """
    application = served_by(request.scope).application
    key, sent = key_in(request.headers.getall(HEADER, []), sent)
    read = model.read(sent, application)
    if key is None:
        return read
    if errors := model.rules(application).errors(sent.members):
        raise ValidationFailedError(errors)
    idempotency, principal = application.idempotency, request.user
    assert isinstance(principal, Principal)
    # The path, in which alone anything may stand, stands last.
    scope = f"{principal.user_id}\n{key}\n{request.method} {request.scope['path'].rstrip('/')}"
    claimed = await idempotency.keys.claim(
        sha256(scope.encode()).digest(),
        idempotency.fingerprint(canonical(sent.members)),
        application.new_id(),
    )
    if isinstance(claimed, bytes):
        raise AnsweredBeforeError(claimed)
    request.scope["state"]["claim"] = claimed
    return read


def operation_id(
    request: Request[Any, Any, Any],
    idempotency_key: Annotated[  # noqa: ARG001 - read with the body; it stands here for the description
        str | None,
        HeaderParameter(
            name=HEADER,
            description="Names what is asked for: sent again with it, the same is done once, and answered alike. "
            "1-255 visible ASCII characters, bare or quoted; kept for 24 hours.",
        ),
    ] = None,
) -> UUID:
    """What the request's operation is known by: that of its claim, or a new id where it has no key."""
    claim: Claim | None = request.scope["state"].get("claim")
    return claim.operation_id if claim else served_by(request.scope).application.new_id()


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
class Idempotency:
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
                with _what_fails_logged(claim):
                    async with asyncio.timeout(_PATIENCE_S):
                        await served_by(scope).application.idempotency.keys.leave(claim)
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
                with _what_fails_logged(claim):
                    await _end(claim, self._whole(), served_by(self.scope).application.idempotency.keys)
                await self.send(self.start)
                await self.send({"type": "http.response.body", "body": self.body, "more_body": False})

    def _whole(self) -> FirstAnswer:
        headers = [
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in self.start["headers"]
        ]
        return FirstAnswer(self.start["status"], headers, self.body, self.scope["state"]["request_id"])


async def _end(claim: Claim, answer: FirstAnswer, keys: IdempotencyKeys) -> None:
    if answer.status in _KEPT:
        await keys.keep(claim, msgspec.msgpack.encode(answer))
    elif answer.status in _UNCLEAR:
        await keys.leave(claim)
    else:
        await keys.free(claim)


@contextmanager
def _what_fails_logged(claim: Claim) -> Iterator[None]:
    """What was done stays done: when the lease ends, whoever asks again goes on with it, and hears of it."""
    try:
        yield
    except (QuaysideError, TimeoutError) as error:
        _log.warning("claim not ended", operation_id=str(claim.operation_id), exc_info=error)
