"""What is asked for in a file, read row by row: however long the file is, one row is in memory."""

import csv
import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import rich_click as click
from attrs import define, frozen

from ...core.kernel import FieldError, QuaysideError, ValidationFailedError
from ..api.exact_json import JsonObject, read_json_object

_MOST_BYTES = 1024 * 1024  # of a line; nothing that is asked for has as many
_INTEGER, _TRUTH = re.compile(r"[0-9]{1,9}"), re.compile(r"true|false")


@frozen
class RowForm:
    """
    What the rows of a table may have.

    Args:
        noun: What a row asks for.
        columns: In any order; a point leads into a member.
        integers: Columns that are to be numbers.
        truths: Columns that are to be ``true`` or ``false``.
        in_json: Columns that are written in JSON.
    """

    noun: str
    columns: tuple[str, ...]
    integers: frozenset[str] = frozenset()
    truths: frozenset[str] = frozenset()
    in_json: frozenset[str] = frozenset()

    def value(self, column: str, cell: str) -> str:
        """The cell in JSON: a number, a truth value or more where it is to be that and reads as such, else text."""
        plain = cell.strip().lower()
        if column in self.integers and _INTEGER.fullmatch(plain):
            return str(int(plain))
        if column in self.truths and _TRUTH.fullmatch(plain):
            return plain
        if column in self.in_json and _is_json(cell):
            return cell
        return json.dumps(cell)


def columns_of(group: str, *names: str) -> tuple[str, ...]:
    """The columns of what stands under *group*."""
    return tuple(f"{group}.{name}" for name in names)


ADDRESS_COLUMNS = ("house_number", "house_name", "address_line1", "address_line2", "city", "postcode")
CARD_COLUMNS = ("card_number", "expiry_month", "expiry_year", "cvv", "cardholder_name")


@frozen
class Row:
    """
    One thing that is asked for.

    Args:
        number: Its place among the rows, from 1.
        end: How many bytes of the file have been read when it has.
        asked: What it asks for, or why that cannot be read.
    """

    number: int
    end: int
    asked: JsonObject | QuaysideError


def rows_of(path: Path, form: RowForm) -> Iterator[Row]:
    """
    The rows of a file of CSV with a header, or of JSON, an object a line, by its name.

    Raises:
        click.UsageError: it is neither, or its header has what no such row has.
    """
    readers: Mapping[str, _Read] = {".csv": partial(_table_rows, form), ".jsonl": _json_rows}
    read = readers.get(path.suffix.lower())
    if read is None:
        raise click.UsageError("The file must be called .csv or .jsonl.")
    with path.open("rb") as file:
        if file.read(len(BOM_UTF8)) != BOM_UTF8:
            file.seek(0)
        lines = _Lines(file)
        for number, asked in enumerate(read(lines), start=1):
            yield Row(number, lines.end, asked)


@define
class _Lines:
    """The lines of a file; of one that is too long, the beginning."""

    _file: BinaryIO
    end: int = 0

    def __iter__(self) -> Iterator[bytes]:
        while line := self._file.readline(_MOST_BYTES):
            rest = line
            while len(rest) == _MOST_BYTES and not rest.endswith(b"\n"):
                rest = self._file.readline(_MOST_BYTES)
            self.end = self._file.tell()
            yield line


_Read = Callable[[_Lines], Iterator[JsonObject | QuaysideError]]


def _json_rows(lines: _Lines) -> Iterator[JsonObject | QuaysideError]:
    for line in lines:
        if line.strip():
            yield _object(line)


def _table_rows(form: RowForm, lines: _Lines) -> Iterator[JsonObject | QuaysideError]:
    # What is no UTF-8 becomes what no text may have, and so an error of its field.
    reader = csv.reader((line.decode("utf-8", "surrogateescape") for line in lines), strict=True)
    header = [name.strip() for name in next(reader, [])]
    if unknown := [name for name in header if name not in form.columns]:
        known = ", ".join(form.columns)
        raise click.UsageError(f"No {form.noun} has: {', '.join(unknown)}. There are: {known}.")
    if len(set(header)) < len(header):
        raise click.UsageError("A column is there more than once.")
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _unreadable(str(error))
            continue
        if len(cells) == len(header):
            yield _object(_json_of(dict(zip(header, cells, strict=True)), form))
        elif cells:  # else it is a blank line
            yield _unreadable(f"has {len(cells)} cells where the header has {len(header)}")


def _unreadable(why: str) -> QuaysideError:
    return ValidationFailedError([FieldError("row", why, "invalid_format")])


def _object(line: bytes) -> JsonObject | QuaysideError:
    try:
        return read_json_object(line)
    except QuaysideError as error:
        return error


def _json_of(cells: Mapping[str, str], form: RowForm) -> bytes:
    """What a row of a table would be in JSON: what is empty is left out."""
    tree: dict[str, Any] = {}
    for column, cell in cells.items():
        if cell:
            *groups, member = column.split(".")
            inner = tree
            for group in groups:
                inner = inner.setdefault(group, {})
            inner[member] = form.value(column, cell)
    return _written(tree).encode()


def _written(tree: Mapping[str, Any]) -> str:
    members = (
        f"{json.dumps(name)}:{_written(value) if isinstance(value, dict) else value}"
        for name, value in tree.items()
    )
    return f"{{{','.join(members)}}}"


def _is_json(cell: str) -> bool:
    try:
        json.loads(cell)
    except (ValueError, RecursionError):
        return False
    return True
