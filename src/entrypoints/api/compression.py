"""Answers made smaller for those who can undo it."""

import gzip

from attrs import define, frozen

from .edge import ASGIApp, Message, Receive, Scope, Send
from .negotiation import weight_of_coding, weights

_MIN_BYTES = 1_024  # below, little is won: the head of an answer alone has a few hundred
_LEVEL = 5  # of 9: beyond, a list costs twice the time for a few bytes
_COMPRESSIBLE = (
    b"application/json",
    b"application/problem+json",
    b"application/vnd.oai.openapi+json",
    b"text/",
)
_LEAST_WEIGHT = 0.001  # that a header can give; 0 forbids
_SECRETIVE = "/api/v1/auth/"


@frozen
class Compression:
    """
    An ASGI application that sends the answers of another one compressed by gzip, where that is wanted and worth it.

    Answers with tokens never are: their length would tell an eavesdropper, guess by guess, what is in them (BREACH).
    They all are under ``/auth``. Nor are those with an ``ETag``, which stands for these bytes and no others.

    Source: RFC 9110, 8.4, 8.8.3 and 12.5.3; Gluck, Harris, Prado: BREACH (2013).
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_http = scope["type"] == "http"
        await self.app(scope, receive, _Answer(send, scope) if is_http else send)


@define
class _Answer:
    """Holds the head of an answer back until its body is there."""

    send: Send
    scope: Scope
    head: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.head = message
            return
        if self.head is not None:
            head, self.head = self.head, None
            self._compress(head, message)
            await self.send(head)
        await self.send(message)

    def _compress(self, head: Message, body: Message) -> None:
        if body.get("more_body") or not _is_worth_it(head, body.get("body", b"")):
            return
        # The route that was found, not the path that was sent: one route may be reached by several.
        if self.scope.get("path_template", "").startswith(_SECRETIVE):
            return
        headers = [*head["headers"], (b"vary", b"Accept-Encoding")]
        if _wants_gzip(self.scope):
            body["body"] = gzip.compress(body["body"], _LEVEL, mtime=0)
            length = str(len(body["body"])).encode()
            headers = [header for header in headers if header[0].lower() != b"content-length"]
            headers += [(b"content-length", length), (b"content-encoding", b"gzip")]
        head["headers"] = headers


def _is_worth_it(head: Message, body: bytes) -> bool:
    if len(body) < _MIN_BYTES:
        return False
    headers = {name.lower(): value for name, value in head["headers"]}
    return (
        headers.get(b"content-type", b"").startswith(_COMPRESSIBLE)
        and not {b"content-encoding", b"etag"} & headers.keys()
    )


def _wants_gzip(scope: Scope) -> bool:
    values = (value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-encoding")
    accepted = weights(",".join(values))
    return weight_of_coding("gzip", accepted) >= max(accepted.get("identity", 0.0), _LEAST_WEIGHT)
