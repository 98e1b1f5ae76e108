"""Named queries, kept in .sql files."""

import re
from collections.abc import Mapping
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def named_queries(file: str) -> Mapping[str, bytes]:
    """
    Read the queries of one file in ``sql/``.

    Args:
        file: Its name without ``.sql``, that of an aggregate.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a query has no name, or that of another.
    """
    return parsed(files(__package__).joinpath(f"sql/{file}.sql").read_text("utf-8"))


def parsed(text: str) -> Mapping[str, bytes]:
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
    # As bytes: psycopg takes literal strings and bytes, so that a query cannot be put together by accident.
    return {name: body.strip().encode() for name, body in zip(names, bodies, strict=True)}
