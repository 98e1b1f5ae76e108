"""Every link from one page of the repository to another leads somewhere, and so does each name of a contract."""

import re
from pathlib import Path

import pytest

from architecture.sources import ROOT

LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")
CONTRACT = re.compile(r"\btests/contract/\w+\.py\b")


def dead_links(page: Path, text: str) -> list[str]:
    return [target for target in LINK.findall(text) if not (page.parent / target).exists()]


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], ids=lambda page: str(page.relative_to(ROOT))
)
def test_links_lead_somewhere(page: Path) -> None:
    assert dead_links(page, page.read_text(encoding="utf-8")) == []


def test_a_dead_link_is_caught() -> None:
    text = "[a](README.md) [b](docs/nowhere.md) [c](https://example.org/) [d](docs/README.md#top) [e](#here)"

    assert dead_links(ROOT / "README.md", text) == ["docs/nowhere.md"]


def test_every_contract_that_a_port_names_is_there() -> None:
    named = {
        name for file in ROOT.glob("src/core/**/*.py") for name in CONTRACT.findall(file.read_text("utf-8"))
    }

    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
