"""HTTP/1.1 on one connection, where the server's own protocol leaves the contract or waits for ever."""

import asyncio
import re
import sys
from dataclasses import replace
from typing import Any

import h11
from litestar.exceptions import HTTPException
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

_NOT_ANSWERED = frozenset({h11.IDLE, h11.SEND_RESPONSE})
_LARGEST_HEAD = 16 * 1024  # bytes
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
_URL = re.compile(rb"(?i:https?)://([^/?#]*)(.*)")
_AUTHORITY = re.compile(rb"(?:[^@:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")


class OriginConnection(h11.Connection):
    """
    Refuses heads that are too large, and lengths that are told in two ways.

    Takes a request for a whole URL, as clients send them to proxies, for one for its path. Whose URL it is counts for
    as little as ``Host`` does.

    Source: RFC 9112, 3.2.2, 6.1 (lengths); RFC 9110, 4.2.1 (a host that is missing), 4.2.4 (a password before it).
    """

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        event = super().next_event()
        if not isinstance(event, h11.Request):
            return event
        if _size_of_head(event) > _LARGEST_HEAD:  # the base class looks at those that are not complete
            raise h11.RemoteProtocolError("head of the request too large", error_status_hint=431)
        if {name for name, _ in event.headers} >= _LENGTHS:
            raise h11.RemoteProtocolError("both Content-Length and Transfer-Encoding")
        if url := _URL.fullmatch(event.target):
            authority, target = url.groups()
            if not _AUTHORITY.fullmatch(authority):
                raise h11.RemoteProtocolError("illegal authority in the request target")
            return replace(event, target=target if target.startswith(b"/") else b"/" + target)
        return event


def _size_of_head(request: h11.Request) -> int:
    """In bytes, without the spaces and ends of lines."""
    headers = sum(len(name) + len(value) for name, value in request.headers)
    return len(request.method) + len(request.target) + headers


class PatientProtocol(H11Protocol):
    """
    Answers what is no request as the API answers any error, and has patience, but not without end.

    A connection is looked at every *patience_s* seconds. One that waits for the head of a request, and still does at
    the next look, is ended: a byte now and then does not hold it. So is one whose client took nothing in between of
    what it is sent. The time that a request takes is limited by the application.
    """

    def __init__(self, *args: Any, patience_s: float, **others: Any) -> None:
        super().__init__(*args, **others)
        self.conn = OriginConnection(h11.SERVER, max_incomplete_event_size=_LARGEST_HEAD)
        self._patience_s = patience_s
        self._waited_for: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # a socket's
        super().connection_made(transport)
        self._next_look = self.loop.call_later(self._patience_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_started:  # type: ignore[redundant-expr] # None at first
            # The connection ends with this answer; else the client would send its next request into nothing.
            self.cycle.default_headers = [*self.cycle.default_headers, CLOSE_HEADER]

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the error says more
        """Answer what could not be read. Called where that was found out, while the error is handled."""
        error = sys.exception()
        # Of the others, 501 is for a transfer coding that is not known. It would look like a failure of ours.
        is_too_large = isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431
        self._refuse(431 if is_too_large else 400)

    def _look(self) -> None:
        self._next_look = self.loop.call_later(self._patience_s, self._look)
        waits_for = self._waits_for()
        if waits_for is not None and waits_for == self._waited_for:
            self._give_up()
        self._waited_for = waits_for

    def _waits_for(self) -> object:
        """What the client has to move on with; nothing where it is our turn."""
        if unsent := self.transport.get_write_buffer_size():
            return unsent
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr] # None at first
            return None
        return "the head of the request after", self.cycle

    def _give_up(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # or it would wait for that to be taken first
        elif self.conn.trailing_data[0]:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if self.cycle is not None:
            # Its body cannot be read any more, so whoever works on it is told that there will be none.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state not in _NOT_ANSWERED:
            self.transport.close()
            return
        self.flow.pause_reading()
        self.scope = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme or "http",
            "method": "",
            "root_path": self.root_path,
            "path": "",
            "raw_path": b"",
            "query_string": b"",
            "headers": [CLOSE_HEADER],
            "state": {"unreadable": HTTPException(status_code=status)},
            "extensions": {},
        }
        self.cycle = RequestResponseCycle(
            scope=self.scope,
            conn=self.conn,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            on_response=self.transport.close,
        )
        task = self.loop.create_task(self.cycle.run_asgi(self.app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
