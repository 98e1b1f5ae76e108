"""The reference does not go out of date."""

import doctest
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_example_of_the_money_reference_does_what_it_says() -> None:
    outcome = doctest.testfile(str(ROOT / "docs/reference/money.md"), module_relative=False, encoding="utf-8")

    assert outcome.attempted > 10
    assert outcome.failed == 0
