"""The code in README.md, as its readers run it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def code_in_readme(language: str) -> list[str]:
    return code_in(language, ROOT / "README.md")


def code_in(language: str, page: Path) -> list[str]:
    """Every block of *page* fenced as *language*, in its order."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def promised_output(example: str) -> list[str]:
    """What the comments of *example* say is printed: all that stands behind ``# →``."""
    return re.findall(r"# → (.*)$", example, re.MULTILINE)
