"""What the memory adapters' tables do, so that their repositories behave as a database's."""

import pytest
from attrs import define

from quayside.adapters.memory import Rows


@define(eq=False)
class Shelf:
    label: str


@pytest.fixture
def committed() -> dict[str, Shelf]:
    return {"a": Shelf("first"), "b": Shelf("second")}


@pytest.fixture
def rows(committed: dict[str, Shelf]) -> Rows[str, Shelf]:
    return Rows(committed)


def labels(rows: Rows[str, Shelf]) -> list[str]:
    return [shelf.label for shelf in rows.values()]


def test_a_row_changes_only_when_it_is_stored(rows: Rows[str, Shelf]) -> None:
    shelf = rows["a"]
    shelf.label = "changed"
    assert rows["a"].label == "first"

    rows["a"] = shelf
    shelf.label = "changed again"
    assert rows["a"].label == "changed"


def test_changes_are_seen_inside_and_not_outside(rows: Rows[str, Shelf], committed: dict[str, Shelf]) -> None:
    rows["c"] = Shelf("third")
    rows["a"] = Shelf("replaced")
    del rows["b"]

    assert labels(rows) == ["replaced", "third"]
    assert [shelf.label for shelf in committed.values()] == ["first", "second"]


def test_published_changes_are_everybodys(rows: Rows[str, Shelf], committed: dict[str, Shelf]) -> None:
    rows["c"] = Shelf("third")
    del rows["b"]

    rows.publish()

    assert labels(Rows(committed)) == ["first", "third"]


def test_what_others_committed_is_seen_under_ones_own_changes(
    rows: Rows[str, Shelf], committed: dict[str, Shelf]
) -> None:
    rows["a"] = Shelf("mine")
    committed["a"] = Shelf("theirs")
    committed["c"] = Shelf("theirs")

    assert labels(rows) == ["mine", "second", "theirs"]


def test_a_missing_row_is_a_key_error(rows: Rows[str, Shelf]) -> None:
    del rows["b"]

    for key in ("b", "nowhere"):
        assert key not in rows
        with pytest.raises(KeyError):
            rows[key]
        with pytest.raises(KeyError):
            del rows[key]


def test_a_deleted_row_can_be_stored_again(rows: Rows[str, Shelf], committed: dict[str, Shelf]) -> None:
    del rows["b"]
    rows["b"] = Shelf("back")
    rows.publish()

    assert committed["b"].label == "back"
    assert len(rows) == 2


def test_to_delete_what_others_deleted_first_is_no_error(
    rows: Rows[str, Shelf], committed: dict[str, Shelf]
) -> None:
    del rows["b"]
    del committed["b"]

    rows.publish()

    assert list(committed) == ["a"]
