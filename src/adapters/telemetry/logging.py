"""Structured logs on standard error: JSON lines, or something readable on a terminal."""

import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from .masking import mask

_stack_as_text = structlog.processors.StackInfoRenderer()
_encode = msgspec.json.Encoder().encode
_encode_ascii = json.JSONEncoder(separators=(",", ":")).encode

LogFormat = Literal["auto", "json", "console"]

# Their every-day lines repeat what we log ourselves (started, shutting down …), or show whole URLs. What uvicorn warns
# of is what anybody on the network can cause: a request that is no HTTP, or that would rather be a WebSocket.
_CHATTY_LOGGERS = {"uvicorn": logging.ERROR, "asyncio": logging.WARNING, "httpx": logging.WARNING}


def configure_logging(level: str, log_format: LogFormat = "auto", stream: TextIO | None = None) -> None:
    """
    Send everything that this process logs, through structlog or the standard library, to one place in one form.

    Each line has the UTC time, the level, the logger if it has a name, and the context variables of the task
    (``request_id`` …). Card numbers and secrets are masked in all of it, tracebacks included.

    Args:
        level: The least level that is written: ``debug``, ``info``, ``warning``, ``error``.
        log_format: ``auto`` means ``console`` on a terminal and ``json`` elsewhere.
        stream: Where to; standard error, so that data on standard output stays clean.
    """
    stream = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    readable = log_format == "console" or (log_format == "auto" and stream.isatty())
    render = _rendering(readable=readable, colors=stream.isatty())
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    _bridge_standard_library(number, stream, render)


def _rendering(*, readable: bool, colors: bool) -> list[Processor]:
    if readable:
        plain = structlog.dev.plain_traceback
        return [_safe, structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    return [_safe, _json_line]


def _safe(logger: WrappedLogger, method: str, event: EventDict) -> MutableMapping[str, Any]:
    # One step for what is five with structlog's own, of which most have nothing to do to most lines.
    # Tracebacks become text before the mask, and never show local variables: those hold requests and keys.
    if "stack_info" in event:
        event = _stack_as_text(logger, method, event)
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(logger, method, event)
    masked = mask(event)
    assert isinstance(masked, dict)
    # What comes after the mask holds nothing that anybody sent.
    masked["level"] = method
    masked["timestamp"] = datetime.now(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
    return masked


def _json_line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    # By now it is plain JSON data. Where it is as plain as most lines are, it takes a tenth of the time; the standard
    # library writes everything, and in ASCII, whatever the stream takes.
    try:
        line = _encode(event)
    except UnicodeEncodeError:  # half a character
        return _encode_ascii(event)
    return line.decode() if line.isascii() else _encode_ascii(event)


def _bridge_standard_library(level: int, stream: TextIO, render: list[Processor]) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _CHATTY_LOGGERS.items():
        logging.getLogger(name).setLevel(max(level, least))
