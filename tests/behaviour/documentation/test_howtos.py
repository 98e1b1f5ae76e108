"""The how-tos' Python runs as it is written, and prints what its comments promise."""

import re
from pathlib import Path

import pytest

from behaviour.process_logging import logging_put_back

# pytest knows a fixture where its name is.
__all__ = ["logging_put_back"]

# What is marked as PostgreSQL's is run by tests/contract/test_howtos_on_postgres.py.
HOWTOS = sorted(Path(__file__).parents[3].joinpath("docs/howto").glob("*.md"))


@pytest.mark.parametrize("page", HOWTOS, ids=lambda page: page.stem)
def test_the_code_of_a_how_to_does_what_it_says(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    program = "\n".join(blocks)
    promised = re.findall(r"# → (.*)$", program, re.MULTILINE)

    exec(compile(program, page.name, "exec"), {})  # noqa: S102 - our own page

    assert promised
    assert capsys.readouterr().out.splitlines() == promised
