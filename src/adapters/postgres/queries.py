"""Named queries, kept in .sql files."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Self

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_REMEMBERED_AT_MOST = 4096  # characters; what is longer the driver takes apart anew each time


class NamedQuery(bytes):
    """
    A statement of ours. Bytes, because psycopg takes those and literal strings: none can be put together by accident.

    Args:
        name: What it is measured by: ``payments.get``.
    """

    name: str

    def __new__(cls, text: str, name: str) -> Self:
        query = super().__new__(cls, text.encode())
        query.name = name
        return query


def named_queries(file: str) -> Mapping[str, NamedQuery]:
    """
    Read the queries of one file in ``sql/``.

    Args:
        file: Its name without ``.sql``, that of an aggregate.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a query has no name, or that of another.
    """
    queries = parsed(files(__package__).joinpath(f"sql/{file}.sql").read_text("utf-8"))
    return {name: NamedQuery(text, f"{file}.{name}") for name, text in queries.items()}


def parsed(text: str) -> Mapping[str, str]:
    """
    Take apart the queries of *text*; each follows a line ``-- name: its_name``.

    Raises:
        ValueError: a query has no name, or that of another.
    """
    preamble, *parts = _NAME.split(text)
    if preamble.strip():
        raise ValueError("a query stands before the first name")
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) < len(names):
        raise ValueError("a name is given twice")
    return {name: body.strip() for name, body in zip(names, bodies, strict=True)}


def composed(name: str, *parts: bytes) -> NamedQuery:
    """One statement of *parts*, without their comments, that is measured as *name*."""
    lines = b"\n".join(parts).decode().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    assert len(text) <= _REMEMBERED_AT_MOST
    return NamedQuery(text, name)
