"""The reference of the settings says what the code says."""

from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from quayside.entrypoints.settings import PREFIX, Settings

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"


@pytest.mark.parametrize(("name", "field"), Settings.model_fields.items())
def test_the_reference_has_every_setting_with_its_meaning_and_default(name: str, field: FieldInfo) -> None:
    assert f"| `{PREFIX}{name.upper()}` | {field.description} | {default(name)} |" in REFERENCE.read_text(
        "utf-8"
    )


def test_the_reference_has_no_setting_that_is_not_there() -> None:
    rows = [row for row in REFERENCE.read_text("utf-8").splitlines() if row.startswith(f"| `{PREFIX}")]

    assert len(rows) == len(Settings.model_fields)


def default(name: str) -> str:
    match getattr(Settings(), name):
        case None | ():
            return ""
        case tuple(items):
            return f"`{','.join(items)}`"
        case value:
            return f"`{value}`"
