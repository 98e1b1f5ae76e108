"""The how-tos' Python runs as it is written where it goes on to a PostgreSQL, and prints what its comments promise."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/howto/write-a-subscription-and-a-projection.md"


def test_the_code_of_a_how_to_does_what_it_says(
    emptied_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(
        r"^```python(?: postgres)?\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    program = "\n".join(blocks)

    exec(compile(program, PAGE.name, "exec"), {"url": emptied_database})  # noqa: S102 - our own page

    assert "PostgresDatabase" in program
    assert capsys.readouterr().out.splitlines() == re.findall(r"# → (.*)$", program, re.MULTILINE)
