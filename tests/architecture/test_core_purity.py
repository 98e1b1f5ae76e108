"""The core depends on its arguments alone: standard library and attrs, no I/O, no clock, no randomness."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.sources import Source, sources

LIBRARIES = sys.stdlib_module_names | {"attrs", "quayside"}
CLOCK = "time datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today"
RANDOMNESS = "random secrets uuid.uuid1 uuid.uuid4 uuid.uuid6 uuid.uuid7 uuid.uuid8"
IO = """
    asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.open_connection asyncio.open_unix_connection
    asyncio.sleep asyncio.start_server asyncio.start_unix_server asyncio.to_thread fileinput glob http io.open logging
    mmap multiprocessing os select selectors shutil smtplib socket socketserver sqlite3 ssl subprocess sys.argv
    sys.stderr sys.stdin sys.stdout tempfile threading urllib.request
    breakpoint eval exec input open print
"""
FORBIDDEN = frozenset(f"{CLOCK} {RANDOMNESS} {IO}".split())


def impurities(source: Source) -> list[str]:
    """Every import of a third party's library, and every use of what the core must be given instead."""
    return [
        *(
            source.problem(found.line, f"imports {found.target}")
            for found in source.imports
            if found.target.partition(".")[0] not in LIBRARIES
        ),
        *(source.problem(line, f"uses {name}") for line, name in used_names(source) if is_forbidden(name)),
    ]


def used_names(source: Source) -> Iterator[tuple[int, str]]:
    """All that *source* imports or refers to, by full name, whatever it is called there."""
    full_names = {found.name: found.target for found in source.imports}
    for found in source.imports:
        yield found.line, found.target
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, dot, rest = ast.unparse(node).partition(".")
            yield node.lineno, full_names.get(first, first) + dot + rest


def is_forbidden(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in FORBIDDEN for length in range(1, len(parts) + 1))


def test_the_core_depends_on_its_arguments_alone() -> None:
    assert [impurity for source in sources("src/core") for impurity in impurities(source)] == []


@pytest.mark.parametrize(
    "code",
    [
        "import litestar",
        "from pydantic import BaseModel",
        "from datetime import UTC, datetime\ndatetime.now(UTC)",
        "import datetime as dt\ndt.date.today()",
        "from datetime import datetime\nfield(factory=datetime.now)",
        "from time import monotonic",
        "import time",
        "import uuid\nuuid.uuid4()",
        "from uuid import uuid4 as new_id",
        "import secrets",
        "from random import choice",
        "import os",
        "from os import environ",
        "import asyncio\nasyncio.open_connection()",
        "def read(path):\n    return open(path)",
        "def read():\n    import socket",
    ],
)
def test_what_reaches_past_the_arguments_is_caught(code: str) -> None:
    assert impurities(Source(Path("src/core/payments/policies.py"), code))


@pytest.mark.parametrize(
    "code",
    [
        "from attrs import frozen",
        "from ..kernel import Clock",
        "from datetime import date, datetime, time, timedelta\ndatetime.fromisoformat(text)",
        "from uuid import UUID",
        "import re\nre.compile(pattern)",
        "clock.now()",
        "from asyncio import TaskGroup",
    ],
)
def test_what_stays_within_the_arguments_is_left_alone(code: str) -> None:
    assert impurities(Source(Path("src/core/payments/policies.py"), code)) == []
