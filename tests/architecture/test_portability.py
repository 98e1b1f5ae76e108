"""The repository says nothing about the machine it was written on: no home folder, no package registry."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.sources import ROOT

FOLDERS = (".ci", "benchmarks", "deploy", "docs", "src", "tests")
MADE_HERE = {"__pycache__", "results"}

HOME = re.compile(r"(?<![\w.:@-])/(?:home|root|Users|work)/\w+")
REGISTRY = re.compile(
    r"(?i)(?:pypi|pythonhosted|npmjs)\.(?:org|com|io)|(?:extra-index|index|find)-(?:url|links)\b"
)


def local_facts(text: str) -> list[str]:
    return [found.group() for pattern in (HOME, REGISTRY) for found in pattern.finditer(text)]


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that can be part of a commit and can be read as text."""
    paths = [*ROOT.glob("[!.]*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    for path in paths:
        if path.is_file() and MADE_HERE.isdisjoint(path.parts):
            try:
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_a_home_folder_or_a_registry() -> None:
    assert {path: facts for path, text in texts() if (facts := local_facts(text))} == {}


@pytest.mark.parametrize(
    "text",  # the bar keeps these very lines from being caught
    [
        "cd /ho|me/ada/quayside",
        "see /ro|ot/quayside.log",
        'Path("/Us|ers/ada")',
        "https://files.pythonho|sted.org/packages",
        "https://py|pi.org/simple",
        "pip install --index|-url here",
    ],
)
def test_a_home_folder_or_a_registry_is_caught(text: str) -> None:
    assert local_facts(text.replace("|", ""))


@pytest.mark.parametrize(
    "text", ["postgresql://root@127.0.0.1:5432/postgres", "/users/{id}", "docs/home/index.md"]
)
def test_what_reads_alike_is_left_alone(text: str) -> None:
    assert local_facts(text) == []
