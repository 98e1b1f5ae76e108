"""docs/reference/validation.md stays true."""

import re
from pathlib import Path

import pytest

from quayside.core.kernel import validation

PAGE = Path(__file__).parents[3].joinpath("docs/reference/validation.md").read_text(encoding="utf-8")
SOURCES = Path(validation.__file__).parent.glob("*.py")


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_run(example: str) -> None:
    exec(compile(example, "validation.md", "exec"), {})  # noqa: S102, our own page


def test_every_public_name_has_its_place() -> None:
    missing = [name for name in validation.__all__ if not re.search(rf"`[^`]*\b{name}\b", PAGE)]

    assert missing == [], missing


def test_every_code_is_listed() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    codes = {code for text in texts for code in re.findall(r'(?:Rule\(\s*|code = )"([a-z_]+)"', text)}

    assert len(codes) > 15
    assert [code for code in codes if f"`{code}`" not in PAGE] == []
