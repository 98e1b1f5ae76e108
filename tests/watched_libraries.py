"""
The libraries through which everything goes that somebody could read, watched for `disclosure`.

What is asked for by who may have it leaves by one door, and there it is not seen: the tokens of a login, the public
parts of keys. The examples of the API's description are nobody's.
"""

import json
import logging
import re
import sys
from collections.abc import Sequence
from traceback import format_exception
from typing import Any

import httpx
import structlog
from click.testing import CliRunner, Result
from structlog.typing import EventDict

from disclosure import shown, typed

_TYPED = re.compile(
    r'"(?:password|current_password|new_password|token|card_number)"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL
)
_HANDED_OUT = re.compile(r'("(?:token|access_token)":)"[^"]*"')
_PUBLIC_PARTS = re.compile(r'("(?:kid|x|y)": ?)"[^"]*"')
_KEY_ID = re.compile(r"^[\w-]{43}$", re.MULTILINE)

# What test servers and client programs log is no word of ours, and may show whole letters and addresses.
_OTHERS = ("mail.log", "httpx", "httpcore", "hypothesis", "asyncio")


def watch() -> None:
    """Begin with it, for the rest of the run."""
    watch_logging()
    _watch_clients()
    _watch_commands()


# --- What is logged


class _WatchedLogger(structlog.make_filtering_bound_logger(logging.NOTSET)):  # type: ignore[misc]
    """Shows every line as it is logged, before anything could be masked in it, whoever captures it then."""

    def _process_event(self, method_name: str, event: str | None, event_kw: dict[str, Any]) -> Any:
        line: EventDict = {**self._context, **event_kw, "event": event, "level": method_name}
        line = structlog.contextvars.merge_contextvars(self._logger, method_name, line)
        shown("log line", repr(structlog.processors.format_exc_info(self._logger, method_name, line)))
        return super()._process_event(method_name, event, event_kw)


# Left to itself, structlog draws every traceback for a terminal, which takes longer than most tests do.
_PLAIN = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.format_exc_info,
    structlog.processors.KeyValueRenderer(),
)


def watch_logging() -> None:
    """Log as before any test has set it up."""
    if structlog.get_config()["cache_logger_on_first_use"]:
        _forget_first_use()
    structlog.reset_defaults()
    structlog.configure(processors=[*_PLAIN], wrapper_class=_WatchedLogger)
    logging.setLogRecordFactory(_record)
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger("uvicorn").setLevel(logging.NOTSET)
    for name in _OTHERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _forget_first_use() -> None:
    """Loggers of modules keep what was set up when they logged first."""
    for name, module in list(sys.modules.items()):
        if name.startswith("quayside") and (log := getattr(module, "_log", None)):
            vars(log).pop("bind", None)


def _record(*args: Any, **options: Any) -> logging.LogRecord:
    """A record of the standard library, whatever logger and handlers it goes through."""
    record = logging.LogRecord(*args, **options)
    if (
        structlog.get_config()["wrapper_class"] is _WatchedLogger
    ):  # else it is masked, and shown where it is written
        trace = format_exception(*record.exc_info) if record.exc_info else ()
        shown(f"log line of {record.name}", "".join((record.getMessage(), *trace, record.stack_info or "")))
    return record


# --- What is answered


def _watch_clients() -> None:
    send, send_async = httpx.Client.send, httpx.AsyncClient.send

    def watched(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        return _seen(send(client, request, **options))

    async def watched_async(
        client: httpx.AsyncClient, request: httpx.Request, **options: Any
    ) -> httpx.Response:
        return _seen(await send_async(client, request, **options))

    httpx.Client.send = watched  # type: ignore[method-assign, assignment]
    httpx.AsyncClient.send = watched_async  # type: ignore[method-assign, assignment]


def _seen(response: httpx.Response) -> httpx.Response:
    request = response.request
    typed(*_typed_in(request))
    try:
        body = response.text
    except httpx.ResponseNotRead:
        body = ""
    path, headers = request.url.path, response.headers.multi_items()
    if path.endswith(("/auth/login", "/auth/token")) and response.is_success:
        body = _HANDED_OUT.sub(r"\1", body)
    if path.endswith("/auth/login") and response.is_success:
        headers = [(name, value) for name, value in headers if name != "set-cookie"]
    if path == "/.well-known/jwks.json":
        body = _PUBLIC_PARTS.sub(r"\1", body)
    if path.startswith("/schema"):
        body = ""
    shown(f"{response.status_code} to {request.method} {path}", f"{headers}\n{body}")
    return response


def _typed_in(request: httpx.Request) -> list[str]:
    _, _, bearer = request.headers.get("authorization", "").partition(" ")
    cookies = re.findall(r"session-token=([^;]+)", request.headers.get("cookie", ""))
    try:
        body = request.content.decode(errors="replace")
    except httpx.RequestNotRead:
        body = ""
    return [bearer, *cookies, *map(_text_of, _TYPED.findall(body))]


def _text_of(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return literal[1:-1]


# --- What is printed


def show_output(arguments: Sequence[str], output: str) -> None:
    """Show what ``quayside`` with these *arguments* prints."""
    if "openapi" in arguments:
        return
    if "rotate-jwt" in arguments:
        output = _KEY_ID.sub("", _PUBLIC_PARTS.sub(r"\1", output))
    shown(f"output of {' '.join(arguments)}", output)


def _watch_commands() -> None:
    invoke = CliRunner.invoke

    def watched(runner: CliRunner, cli: Any, args: Any = (), **options: Any) -> Result:
        result = invoke(runner, cli, args, **options)
        typed(*(options.get("input") or "").splitlines())
        show_output(args, result.output)
        return result

    CliRunner.invoke = watched  # type: ignore[method-assign, assignment]
