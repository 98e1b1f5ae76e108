"""Requests as no client should send them."""

import json
from collections.abc import Callable
from random import Random

from attrs import frozen

from builders.members import V1
from builders.shop import PAYMENTS, a_payment_body

_PLACES = (
    ("POST", PAYMENTS),
    ("GET", PAYMENTS),
    ("GET", f"{PAYMENTS}/0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79"),
    ("POST", f"{V1}/auth/login"),
    ("POST", f"{V1}/auth/register"),
    ("POST", f"{V1}/auth/password-strength"),
    ("GET", f"{V1}/auth/availability?username=ada"),
    ("PATCH", f"{V1}/users/0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79"),
    ("GET", "/health/live"),
    ("GET", "/problems/not_found"),
    ("GET", "/nowhere"),
)
_PAYMENT = json.dumps(a_payment_body()).encode()


@frozen
class Malformed:
    """
    What goes out on one connection.

    Args:
        parts: Sent one after the other, with a moment in between.
        end: What its client does then: ``read``, ``close``, ``reset``, or ``stay``, until the other side ends it.
    """

    parts: tuple[bytes, ...]
    end: str


def malformed(random: Random, token: str) -> Malformed:
    """A malformed request, by whoever has *token*; some turn out to be none, and are answered."""
    content = random.choice(_KINDS)(random, f"Authorization: Bearer {token}\r\n".encode())
    if random.random() < 0.02:
        cut = random.randrange(len(content) + 1)
        return Malformed(
            (content[:cut],), random.choice(["close", "reset", "stay" if random.random() < 0.1 else "close"])
        )
    parts: tuple[bytes, ...] = (content,)
    if random.random() < 0.1:
        cut = random.randrange(len(content) + 1)
        parts = (content[:cut], content[cut:])
    return Malformed(parts, random.choices(["read", "close", "reset"], [8, 1, 1])[0])


def _line(random: Random, caller: bytes) -> bytes:
    method, path = (each.encode() for each in random.choice(_PLACES))
    line = random.choice(
        [
            _noise(random, 200),
            method + b" " + path,
            method + b" " + path + b" HTTP/" + random.choice([b"0.9", b"2.0", b"9", b"1.10", b""]),
            method.lower() + b" " + path + b" HTTP/1.1",
            method + b"\t" + path + b" HTTP/1.1",
            method + b" http://[::bad" + path + b" HTTP/1.1",
            method + b" " + path + b"?" + b"a=%ff&" * 2_000 + b" HTTP/1.1",
            method + b" " + path + _noise(random, 20).translate(None, b" \r\n") + b" HTTP/1.1",
            b"M" * random.randrange(1, 20_000) + b" / HTTP/1.1",
            b"GET /%00%ff/../../etc/passwd HTTP/1.1",
            b"PRI * HTTP/2.0\r\n\r\nSM",
        ]
    )
    return line + b"\r\nHost: a\r\n" + caller + b"\r\n"


def _headers(random: Random, caller: bytes) -> bytes:
    method, path = (each.encode() for each in random.choice(_PLACES))
    header = random.choice(
        [
            b"",
            b"Host: a\r\nHost: b\r\n",
            b"Host: a\r\nX : y\r\n",
            b"Host: a\r\n: y\r\n",
            b"Host: a\r\nX: \x00\r\n",
            b"Host: a\r\nX: a\rb\r\n",
            b"Host: a\r\n folded: y\r\n",
            b"Host: a\r\nX: " + b"x" * random.randrange(10_000, 100_000) + b"\r\n",
            b"Host: a\r\n" + b"X: y\r\n" * random.randrange(1_000, 4_000),
            b"Host: a\r\n" + _noise(random, 100) + b"\r\n",
            b"Host: a\r\nExpect: 100-continue\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
            b"Host: a\r\nIdempotency-Key: " + _noise(random, 300).translate(None, b"\r\n\0") + b"\r\n",
            b"Host: a\r\nIf-Match: " + b'"' * 1_000 + b"\r\n",
            b"Host: a\r\nAccept: " + b"*/*;q=0.0001," * 500 + b"\r\n",
            b"Host: a\r\nCookie: session-token=" + b"\xff" * 100 + b"\r\n",
            b"Host: a\r\nX-Request-ID: " + b"\x80" * 100 + b"\r\ntraceparent: 00-0-0-0\r\n",
        ]
    )
    return method + b" " + path + b" HTTP/1.1\r\n" + header + caller + b"\r\n"


def _framing(random: Random, caller: bytes) -> bytes:
    framing, body = random.choice(
        [
            (b"Content-Length: 1\r\nContent-Length: 2\r\n", b"{}"),
            (b"Content-Length: 2, 3\r\n", b"{}"),
            (b"Content-Length: -1\r\n", b"{}"),
            (b"Content-Length: +2\r\n", b"{}"),
            (b"Content-Length: 0x2\r\n", b"{}"),
            (b"Content-Length: " + b"9" * 30 + b"\r\n", b"{}"),
            (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
            (b"Transfer-Encoding: gzip\r\n", b"{}"),
            (b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"),
            (b"Transfer-Encoding: chunked\r\n", _noise(random, 100)),
            (b"Transfer-Encoding: chunked\r\n", b"F" * 30 + b"\r\n{}"),
            (b"Transfer-Encoding: chunked\r\n", b"2;" + b"x" * 20_000 + b"\r\n{}\r\n0\r\n\r\n"),
            (b"Transfer-Encoding: chunked\r\n", b"2\r\n{}XX0\r\n\r\n"),
            (b"Transfer-Encoding: chunked\r\n", b"1\r\n{\r\n" * 500 + b"0\r\nTrailer: \x00\r\n\r\n"),
            (b"", _PAYMENT),
            (b"Content-Length: 10\r\n", _PAYMENT),
        ]
    )
    return _head(random, caller) + framing + b"\r\n" + body


def _body(random: Random, caller: bytes) -> bytes:
    body = random.choice(
        [
            b"[" * random.randrange(1_000, 50_000),
            b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
            b'{"amount": ' + b"9" * random.randrange(10, 10_000) + b"}",
            b'{"amount": 1e' + b"9" * random.randrange(1, 20) + b"}",
            b'{"amount": NaN, "currency": Infinity}',
            b"\xef\xbb\xbf" + _PAYMENT,
            _PAYMENT.decode().encode("utf-16"),
            _PAYMENT.replace(b"GBP", b"\xff\xfe\x00"),
            _PAYMENT.replace(b"GBP", b"\\ud800"),
            _PAYMENT.replace(b"Ada", b"\\u0000"),
            _PAYMENT[:-1] + b', "amount": 1}',
            _PAYMENT[:-1] + b', "x' + b"y" * 10_000 + b'": 1}',
            b"null",
            b"",
            _noise(random, 500),
            b'{"metadata": {' + b",".join(b'"%d": 1' % each for each in range(2_000)) + b"}}",
            b" " * (1_100_000 if random.random() < 0.05 else 1_000),
            _mutated(random, _PAYMENT),
            _mutated(random, _PAYMENT),
        ]
    )
    media_type = random.choice(
        [b"application/json"] * 8 + [b"text/plain", b"application/json; charset=latin-1", b"\xff"]
    )
    head = _head(random, caller).replace(b"application/json", media_type)
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _pipeline(random: Random, caller: bytes) -> bytes:
    good = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
    return good * random.randrange(1, 20) + random.choice(
        [_noise(random, 200), _framing(random, caller), good[:20]]
    )


def _mutation(random: Random, caller: bytes) -> bytes:
    return _mutated(random, _head(random, caller) + b"Content-Length: %d\r\n\r\n" % len(_PAYMENT) + _PAYMENT)


_KINDS: tuple[Callable[[Random, bytes], bytes], ...] = (
    _line,
    _headers,
    _framing,
    _body,
    _pipeline,
    _mutation,
)


def _head(random: Random, caller: bytes) -> bytes:
    method, path = (each.encode() for each in random.choice(_PLACES))
    if random.random() < 0.5:
        caller = b""
    return method + b" " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + caller


def _mutated(random: Random, content: bytes) -> bytes:
    mutated = bytearray(content)
    for _ in range(random.randrange(1, 8)):
        place = random.randrange(len(mutated))
        mutated[place : place + random.randrange(3)] = _noise(random, 3)
    return bytes(mutated)


def _noise(random: Random, most: int) -> bytes:
    return random.randbytes(random.randrange(1, most))
