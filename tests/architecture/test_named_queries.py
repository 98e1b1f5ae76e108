"""SQL stands in files, and the code and the files know the same names."""

import re
from pathlib import Path

import pytest

from quayside.adapters.postgres.queries import named_queries, parsed

POSTGRES = Path(__file__).parents[2] / "src" / "adapters" / "postgres"


@pytest.mark.parametrize("file", sorted(path.stem for path in (POSTGRES / "sql").glob("*.sql")))
def test_each_query_is_used_and_each_that_is_used_exists(file: str) -> None:
    adapter = next(
        text
        for path in POSTGRES.glob("*.py")
        if f'_SQL = named_queries("{file}")' in (text := path.read_text("utf-8"))
    )

    assert set(re.findall(r'_SQL\["(\w+)"\]', adapter)) == set(named_queries(file))


def test_a_query_reaches_to_the_next_name() -> None:
    text = "-- name: one\n-- why\nSELECT 1;\n\n-- name: two\nSELECT '-- name: three'\n"

    assert parsed(text) == {"one": "-- why\nSELECT 1;", "two": "SELECT '-- name: three'"}


@pytest.mark.parametrize(
    "text", ["SELECT 1", "SELECT 0\n-- name: a\nSELECT 1", "-- name: a\nSELECT 1\n-- name: a\nSELECT 2"]
)
def test_a_query_without_a_name_of_its_own_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="name"):
        parsed(text)
