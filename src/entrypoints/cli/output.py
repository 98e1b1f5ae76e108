"""Data on standard output, for people or for programs."""

from collections.abc import Iterable, Sequence

import msgspec
import rich_click as click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

_WIDE = 10_000  # characters; what is piped must not be cut to the width of some terminal


def error_console() -> Console:
    """Standard error, for what is no data, such as how far something is."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def progress_bar(*columns: ProgressColumn) -> Progress:
    """How far something is: on standard error, and only where somebody looks at it."""
    console = error_console()
    return Progress(*columns, console=console, disable=not console.is_terminal)


def json_text(value: object) -> str:
    """*value* as JSON for people's eyes: the very members that the HTTP API would send."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def print_json(value: object) -> None:
    """Print *value* as JSON."""
    click.echo(json_text(value))


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print *rows* under *headers*."""
    table = Table(*headers, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(harmless(str(cell)) for cell in row))
    _print(table)


def print_facts(value: object) -> None:
    """Print each member of *value* on a line of its own."""
    table = Table.grid(padding=(0, 2))
    for name, member in msgspec.json.decode(msgspec.json.encode(value), type=dict[str, msgspec.Raw]).items():
        table.add_row(name, _plain(bytes(member)))
    _print(table)


def _plain(member: bytes) -> str:
    """A JSON value as it reads best; numbers keep every digit."""
    if member == b"null":
        return "-"
    return harmless(msgspec.json.decode(member, type=str) if member.startswith(b'"') else member.decode())


def harmless(text: str) -> str:
    """A control character that somebody stored must not give orders to this terminal."""
    return text if text.isprintable() else repr(text)


def _print(table: Table) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)
