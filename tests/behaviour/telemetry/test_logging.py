"""Every line that the process logs has one form, whichever library wrote it."""

import io
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import structlog

from quayside.adapters.telemetry.logging import LogFormat, configure_logging

Logged = Callable[[], list[dict[str, object]]]


class Terminal(io.StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        return True


def refuse(local: str) -> None:
    raise ValueError("card 4242424242424242, password=hunter2", len(local))


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logged(stream: io.StringIO) -> Logged:
    """What has been logged so far, at the level `info`."""
    configure_logging("info", "json", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_when_in_utc_and_how_grave(logged: Logged) -> None:
    structlog.get_logger().warning("gateway slow", gateway="sandbox")

    (line,) = logged()
    at = datetime.fromisoformat(str(line.pop("timestamp")))
    assert at.utcoffset() == timedelta(0)
    assert line == {"event": "gateway slow", "level": "warning", "gateway": "sandbox"}


def test_the_standard_library_logs_in_the_same_form_with_its_loggers_name(logged: Logged) -> None:
    logging.getLogger("psycopg.pool").warning("connection %s lost", 3)

    (line,) = logged()
    assert line["event"] == "connection 3 lost"
    assert line["level"] == "warning"
    assert line["logger"] == "psycopg.pool"
    assert "timestamp" in line


@pytest.mark.parametrize("log", [structlog.get_logger(), logging.getLogger("any")])
def test_every_line_carries_the_context_of_its_task(
    logged: Logged, log: logging.Logger | structlog.typing.FilteringBoundLogger
) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        log.warning("inside")
    log.warning("outside")

    assert [line.get("request_id") for line in logged()] == ["r-1", None]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_too_long_to_be_written_does_not_cost_the_line(logged: Logged, sign: int) -> None:
    structlog.get_logger().warning("refused", amount=sign * 10**5_000, count=10**20)

    (line,) = logged()
    assert line.items() >= {"event": "refused", "amount": "***", "count": 10**20}.items()


@pytest.mark.parametrize("log", [structlog.get_logger(), logging.getLogger("any")])
def test_what_is_below_the_level_is_not_written(
    logged: Logged, log: logging.Logger | structlog.typing.FilteringBoundLogger
) -> None:
    log.debug("too small")

    assert logged() == []


@pytest.mark.parametrize("log", [structlog.get_logger(), logging.getLogger("any")])
def test_an_exception_is_one_masked_line_without_local_variables(
    logged: Logged, log: logging.Logger | structlog.typing.FilteringBoundLogger
) -> None:
    try:
        refuse("k3pt")
    except ValueError:
        log.exception("failed")

    (line,) = logged()
    traceback = str(line["exception"])
    assert traceback.startswith("Traceback")
    assert "card ***, password=***" in traceback
    assert "k3pt" not in traceback.replace('refuse("k3pt")', "")


def test_secrets_are_masked_in_events_fields_and_arguments(logged: Logged) -> None:
    structlog.get_logger().info("paid with 4242424242424242", card={"cvv": "123"}, password="hunter2")
    logging.getLogger("any").warning("paid with %s", "4242424242424242")

    first, second = logged()
    assert first["event"] == second["event"] == "paid with ***"
    assert first["card"] == {"cvv": "***"}
    assert first["password"] == "***"


@pytest.mark.parametrize(
    ("log_format", "stream", "first"),
    [
        ("auto", io.StringIO(), "{"),
        ("auto", Terminal(), "\x1b"),
        ("json", Terminal(), "{"),
        ("console", io.StringIO(), "2"),
    ],
)
def test_lines_are_json_except_on_a_terminal_or_where_set(
    log_format: LogFormat, stream: io.StringIO, first: str
) -> None:
    configure_logging("info", log_format, stream)

    structlog.get_logger().info("listening", password="hunter2")

    assert stream.getvalue().startswith(first)
    assert "listening" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


def test_the_http_server_keeps_its_everyday_lines_to_itself(logged: Logged) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [1]")
    logging.getLogger("uvicorn.error").error("Exception in ASGI application")

    assert [line["event"] for line in logged()] == ["Exception in ASGI application"]


def test_what_any_client_can_make_the_http_server_warn_of_is_not_written(logged: Logged) -> None:
    logging.getLogger("uvicorn.error").warning("Unsupported upgrade request.")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    assert logged() == []
