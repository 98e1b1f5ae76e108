"""The code in README.md, as its readers run it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def code_in_readme(language: str) -> list[str]:
    """Every block fenced as *language*, in the order of the page."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def promised_output(example: str) -> list[str]:
    """What the comments of *example* say is printed: all that stands behind ``# →``."""
    return re.findall(r"# → (.*)$", example, re.MULTILINE)
