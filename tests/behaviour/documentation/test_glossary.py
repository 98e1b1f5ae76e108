"""The glossary is looked up by its words: each stands there once, and in order."""

import re
from itertools import pairwise
from pathlib import Path

GLOSSARY = Path(__file__).parents[3] / "docs/explanation/glossary.md"


def test_every_word_stands_once_and_in_order() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    words = [row.casefold() for row in rows[1:]]  # the first row is the table's head

    assert words
    assert [pair for pair in pairwise(words) if pair[0] >= pair[1]] == []
