"""A file fits the head of its reader: at most 400 lines; a function at most 60."""

import ast
from pathlib import Path

import pytest

from architecture.sources import Source, sources

FILE_LINES = 400
FUNCTION_LINES = 60


def oversized(source: Source) -> list[str]:
    problems = []
    lines = len(source.text.splitlines())
    if lines > FILE_LINES:
        problems.append(source.problem(1, f"{lines} lines, more than {FILE_LINES}"))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                problems.append(
                    source.problem(node.lineno, f"{node.name} has {lines} lines, more than {FUNCTION_LINES}")
                )
    return problems


def test_files_and_functions_are_short() -> None:
    files = sources("src", "tests", "benchmarks")

    assert [problem for source in files for problem in oversized(source)] == []


@pytest.mark.parametrize(
    ("code", "problems"),
    [
        ("x = 1\n" * 400, 0),
        ("x = 1\n" * 401, 1),
        ("def f():\n" + "    x = 1\n" * 59, 0),
        ("async def f():\n" + "    x = 1\n" * 60, 1),
        ("class A:\n    def f(self):\n" + "        x = 1\n" * 60, 1),
    ],
)
def test_one_line_too_many_is_caught(code: str, problems: int) -> None:
    assert len(oversized(Source(Path("src/core/kernel/money.py"), code))) == problems
