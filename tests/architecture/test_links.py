"""Every link from one page of the repository to another leads somewhere."""

import re
from pathlib import Path

import pytest

from architecture.sources import ROOT

LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")


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
