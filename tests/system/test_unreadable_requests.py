"""What is no HTTP, or never comes to an end: it is answered like any error, and holds nothing for long."""

import socket
from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from builders.members import V1
from system.service import Service, until
from system.sockets import Answer, connected, said

PATIENCE_S = 1
HEAD = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    started = Service.started(
        tmp_path_factory.mktemp("unreadable"),
        storage="memory",
        client_patience_s=str(PATIENCE_S),
        request_timeout_s="2",
        rate_limit_factor="1000",
        argon2_memory_kib="8",
    )
    yield started
    started.kill()


def is_an_error(answer: Answer, code: str) -> None:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["traceparent"]
    body = answer.json()
    assert set(body) == {"error", "request_id"}
    assert body["error"]["code"] == code
    assert body["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"\x00\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /health HTTP/9\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",  # no Host
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
        b"GET http:///health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://ada:secret@a/health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://:80/health HTTP/1.1\r\nHost: a\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
        HEAD
        + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",  # whose end is a matter of opinion
        CHUNKED + b"no chunk\r\n",
    ],
)
def test_what_is_no_request_is_refused_in_the_shape_of_every_error(service: Service, request_: bytes) -> None:
    answer = said(service, request_)

    assert answer.status == 400
    is_an_error(answer, "validation_failed")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://shop.example/health/live", "/health/live"),
        ("HTTPS://shop.example:443/health/live?x=/", "/health/live"),
        ("http://[::1]:8000/health/live", "/health/live"),
        (f"http://shop.example{V1}/auth/availability?username=ada", f"{V1}/auth/availability?username=ada"),
        ("http://shop.example", "/"),
        ("http://shop.example?x", "/"),
        ("ftp://shop.example/health/live", "/ftp"),
    ],
)
def test_a_whole_url_asks_for_what_its_path_does(service: Service, target: str, path: str) -> None:
    head = "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    whole, alone = (said(service, f"GET {each} {head}".encode()) for each in (target, path))

    assert (whole.status, whole.json().keys()) == (alone.status, alone.json().keys())


def test_after_a_whole_url_its_connection_goes_on(service: Service) -> None:
    with connected(service) as connection:
        for target in (b"http://a/health/live", b"/health/live"):
            connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")

            assert Answer.on(connection).status == 200


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"], ids=["without an end", "in one piece"])
def test_a_head_of_more_than_16_kib_is_too_large(service: Service, end: bytes) -> None:
    answer = said(service, b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 17_000 + end)

    assert answer.status == 431
    is_an_error(answer, "headers_too_large")


def test_what_follows_an_answered_request_is_refused_by_itself(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nrubbish\r\n\r\n")

        answers = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert [status[:3] for status in answers.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400"]


def test_it_counts_and_has_its_line_in_the_log(service: Service) -> None:
    count = 'quayside_http_requests_total{method="other",route="unknown",status="400"}'

    def counted() -> float:
        lines = service.ask("GET", "/metrics").text.splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(count)), 0)

    before = counted()

    request_id = said(service, b"rubbish\r\n\r\n").headers["x-request-id"]

    until(lambda: counted() == before + 1)
    (line,) = [line for line in service.log_lines() if line.get("request_id") == request_id]
    assert line.items() >= {"event": "request", "level": "info", "status": 400, "route": "unknown"}.items()


@pytest.mark.parametrize("said_first", [b"", b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_who_says_nothing_is_left(service: Service, said_first: bytes) -> None:
    with connected(service) as connection:
        connection.sendall(said_first)
        if said_first:
            Answer.on(connection)

        assert connection.recv(1) == b""


def test_who_sends_a_head_drop_by_drop_is_told_so_and_left(service: Service) -> None:
    started_at = monotonic()
    with connected(service) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        connection.settimeout(0.1)
        while not received(connection):
            connection.sendall(b"X: y\r\n")
        connection.settimeout(10)

        answer = Answer.on(connection)

    assert PATIENCE_S < monotonic() - started_at < 8 * PATIENCE_S
    assert answer.status == 408
    is_an_error(answer, "request_timeout")


def test_who_sends_a_body_drop_by_drop_is_told_so_and_left(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        connection.settimeout(0.1)
        while not received(connection):
            connection.sendall(b" ")
        connection.settimeout(10)

        answer = Answer.on(connection)
        assert answer.status == 504
        assert answer.json()["error"]["code"] == "timeout"

        with pytest.raises(OSError, match=r"[Bb]roken pipe|reset"):
            for _ in range(100):
                connection.sendall(b" ")
                sleep(0.1)


def test_who_does_not_take_the_answer_is_left(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(b"GET /schema HTTP/1.1\r\nHost: a\r\n\r\n" * 200)
        connection.settimeout(0)

        until(lambda: is_cut(connection))


def test_a_slow_client_that_goes_on_is_served(service: Service) -> None:
    with connected(service) as connection:
        for _ in range(10):
            connection.sendall(b"GET /health/live HTTP/1.1\r\n")
            sleep(PATIENCE_S * 0.25)
            connection.sendall(b"Host: a\r\n\r\n")

            assert Answer.on(connection).status == 200


def test_the_service_is_there_after_all_that(service: Service) -> None:
    until(lambda: service.ask("GET", "/health").json()["status"] == "healthy")
    assert service.ask("GET", f"{V1}/auth/me").status_code == 401
    assert [
        line for line in service.log_lines() if line["level"] == "error" and line.get("status") != 504
    ] == []


def received(connection: socket.socket) -> bool:
    """Whether an answer has begun to come within the time that *connection* waits."""
    try:
        connection.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return False
    return True


def is_cut(connection: socket.socket) -> bool:
    """Whether the other side has let go of *connection*, whatever it has not taken yet."""
    try:
        connection.send(b" ")
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return False
