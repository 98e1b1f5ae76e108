"""Payments in a file, read row by row: however long the file is, one row is in memory."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import rich_click as click
from attrs import define, frozen

from ...core.kernel import FieldError, QuaysideError, ValidationFailedError
from ..api.exact_json import JsonObject, read_json_object

COLUMNS = (
    "amount",
    "currency",
    "card_id",
    "customer_id",
    "description",
    "metadata",
    "capture",
    "idempotency_key",
    "address_details.house_number",
    "address_details.house_name",
    "address_details.address_line1",
    "address_details.address_line2",
    "address_details.city",
    "address_details.postcode",
    "paying_card_details.card_number",
    "paying_card_details.expiry_month",
    "paying_card_details.expiry_year",
    "paying_card_details.cvv",
    "paying_card_details.cardholder_name",
)
"""What a table may have, in any order."""

_MOST_BYTES = 1024 * 1024  # of a line; no payment has as many
_PLAIN = {
    "paying_card_details.expiry_month": re.compile(r"[0-9]{1,9}"),
    "paying_card_details.expiry_year": re.compile(r"[0-9]{1,9}"),
    "capture": re.compile(r"true|false"),
}


@frozen
class Row:
    """
    One payment that is asked for.

    Args:
        number: Its place among the rows, from 1.
        end: How many bytes of the file have been read when it has.
        asked: What it asks for, or why that cannot be read.
    """

    number: int
    end: int
    asked: JsonObject | QuaysideError


def rows_of(path: Path) -> Iterator[Row]:
    """
    The rows of a file of CSV with a header, or of JSON, an object a line, by its name.

    Raises:
        click.UsageError: it is neither, or its header has what no payment has.
    """
    read = {".csv": _table_rows, ".jsonl": _json_rows}.get(path.suffix.lower())
    if read is None:
        raise click.UsageError("The file must be called .csv or .jsonl.")
    with path.open("rb") as file:
        lines = _Lines(file)
        for number, asked in enumerate(read(lines), start=1):
            yield Row(number, lines.end, asked)


@define
class _Lines:
    """The lines of a file; of one that is too long for a payment, the beginning."""

    _file: BinaryIO
    end: int = 0

    def __iter__(self) -> Iterator[bytes]:
        while line := self._file.readline(_MOST_BYTES):
            rest = line
            while len(rest) == _MOST_BYTES and not rest.endswith(b"\n"):
                rest = self._file.readline(_MOST_BYTES)
            self.end = self._file.tell()
            yield line


def _json_rows(lines: _Lines) -> Iterator[JsonObject | QuaysideError]:
    for line in lines:
        if line.strip():
            yield _object(line)


def _table_rows(lines: _Lines) -> Iterator[JsonObject | QuaysideError]:
    # What is no UTF-8 becomes what no text may have, and so an error of its field.
    reader = csv.reader((line.decode("utf-8", "surrogateescape") for line in lines), strict=True)
    header = [name.removeprefix("\ufeff").strip() for name in next(reader, [])]
    if unknown := [name for name in header if name not in COLUMNS]:
        raise click.UsageError(f"No payment has: {', '.join(unknown)}. There are: {', '.join(COLUMNS)}.")
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
            yield _object(_json_of(dict(zip(header, cells, strict=True))))
        elif cells:  # else it is a blank line
            yield _unreadable(f"has {len(cells)} cells where the header has {len(header)}")


def _unreadable(why: str) -> QuaysideError:
    return ValidationFailedError([FieldError("row", why, "invalid_format")])


def _object(line: bytes) -> JsonObject | QuaysideError:
    try:
        return read_json_object(line)
    except QuaysideError as error:
        return error


def _json_of(cells: Mapping[str, str]) -> bytes:
    """What a row of a table would be in JSON: what is empty is left out."""
    tree: dict[str, Any] = {}
    for name, cell in cells.items():
        if cell:
            group, _, member = name.rpartition(".")
            (tree.setdefault(group, {}) if group else tree)[member] = _value(name, cell)
    return _written(tree).encode()


def _written(tree: Mapping[str, Any]) -> str:
    members = (
        f"{json.dumps(name)}:{_written(value) if isinstance(value, dict) else value}"
        for name, value in tree.items()
    )
    return f"{{{','.join(members)}}}"


def _value(name: str, cell: str) -> str:
    """The cell in JSON: a number, a truth value or an object where it is to be one and reads as one, else text."""
    plain = _PLAIN.get(name)
    if plain and plain.fullmatch(cell.strip().lower()):
        return str(int(cell)) if cell.strip().isdigit() else cell.strip().lower()
    if name == "metadata" and _is_json(cell):
        return cell
    return json.dumps(cell)


def _is_json(cell: str) -> bool:
    try:
        json.loads(cell)
    except (ValueError, RecursionError):
        return False
    return True
