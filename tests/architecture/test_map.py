"""README's map is of this very repository: it leaves out no context, and shows no folder that is not there."""

import re
from pathlib import Path

from architecture.sources import ROOT

LINE = re.compile(r"( +)([a-z]+)/  ")


def mapped(text: str) -> set[Path]:
    """The folders that the map in *text* shows, each below the one that it stands under."""
    _, _, after = text.partition("## The map\n")
    above: list[tuple[int, Path]] = []
    shown = set()
    for indent, name in LINE.findall(after.partition("\n## ")[0]):
        while above and above[-1][0] >= len(indent):
            above.pop()
        folder = (above[-1][1] if above else Path()) / name
        above.append((len(indent), folder))
        shown.add(folder)
    return shown


def folders(parent: Path) -> set[Path]:
    return {path.parent.relative_to(ROOT) for path in (ROOT / parent).glob("*/__init__.py")}


def test_the_map_shows_every_context_and_nothing_that_is_not_there() -> None:
    shown = mapped((ROOT / "README.md").read_text(encoding="utf-8"))

    assert folders(Path("src")) | folders(Path("src/core")) <= shown
    assert {folder for folder in shown if not (ROOT / folder).is_dir()} == set()


def test_folders_are_read_below_the_one_that_they_stand_under() -> None:
    text = (
        "## The map\n\n    src/    imported\n      core/  rules\n        kernel/  money\n    docs/   pages\n"
    )

    assert {str(folder) for folder in mapped(text)} == {"src", "src/core", "src/core/kernel", "docs"}
