"""Clients that write what they like: bytes on a socket."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen

from system.service import Service

_OVER = {"06", "0A"}  # TIME_WAIT, and LISTEN


@frozen
class Answer:
    """What came back on a socket."""

    status: int
    headers: httpx.Headers
    content: bytes

    @classmethod
    def on(cls, connection: socket.socket) -> "Answer":
        """The next answer there; one without a request's method counts as one to GET."""
        with HTTPResponse(connection) as response:
            response.begin()
            return cls(response.status, httpx.Headers(response.getheaders()), response.read())

    def json(self) -> Any:
        return httpx.Response(self.status, content=self.content).json()


@contextmanager
def connected(service: Service, timeout_s: float = 10) -> Iterator[socket.socket]:
    """A connection to *service*."""
    url = httpx.URL(service.url)
    with socket.create_connection((url.host, url.port or 80), timeout=timeout_s) as connection:
        yield connection


def said(service: Service, *what: bytes) -> Answer:
    """What *service* answers to these bytes."""
    with connected(service) as connection:
        for part in what:
            connection.sendall(part)
        return Answer.on(connection)


def connections_to(service: Service) -> int:
    """How many connections to it the system knows that neither side has closed for good."""
    port = httpx.URL(service.url).port
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(int(row[1].partition(":")[2], 16) == port and row[3] not in _OVER for row in rows)
