"""What is stored can be read for ever: every event, in every schema version that it has had."""

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import field, make_class

from contract.golden_events import GoldenEvents
from quayside.core.eventlog import Event, EventRegistry, JsonObject, Upcaster
from quayside.entrypoints.composition import EVENTS


def test_every_event_is_stored_and_read_as_its_golden_file_says() -> None:
    assert GoldenEvents(EVENTS).problems() == []


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class OtherSize(StrEnum):
    """A change of one of an event's types."""

    SMALL = "small"


class MoreSizes(StrEnum):
    """Another, which still reads what was stored; but once it is taken back, nobody reads what was stored since."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Versioned(Event):
    """An event in its second schema version."""

    schema_version: ClassVar[int] = 2


def packed(base: type[Event] = Event, **types: Any) -> type[Event]:
    """The class of an event as a release has it; a label has a default."""
    attributes = {name: field(type=kind) for name, kind in types.items() if name != "label"}
    labels = {"label": field(type=types["label"], default="")} if "label" in types else {}
    return make_class("Packed", attributes | labels, bases=(base,), frozen=True, slots=True)


PACKED = packed(count=int, note=str | None, size=Size)


def with_grams(stored: JsonObject) -> JsonObject:
    return stored | {"grams": 0}


def problems(folder: Path, types: Iterable[type[Event]], *upcasters: Upcaster) -> list[str]:
    return GoldenEvents(EventRegistry(types, upcasters), folder).problems()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The golden files of an earlier release."""
    GoldenEvents(EventRegistry([PACKED]), tmp_path).write_missing()
    return tmp_path


def test_a_file_has_every_choice_that_an_event_leaves(folder: Path) -> None:
    assert json.loads((folder / "Packed.1.json").read_text("utf-8")) == [
        {"count": 7, "note": "a text", "size": "small"},
        {"count": 7, "note": None, "size": "large"},
    ]


def test_an_unchanged_event_is_as_good_as_its_file(folder: Path) -> None:
    assert problems(folder, [PACKED]) == []


@pytest.mark.parametrize(
    "changed",
    [
        packed(count=int, note=str | None, size=Size, grams=int),
        packed(count=int, note=str | None, size=Size, label=str),
        packed(count=int, note=str | None),
        packed(count=int, remark=str | None, size=Size),
        packed(count=int, note=str, size=Size),
        packed(count=float, note=str | None, size=Size),
        packed(count=int, note=str | None, size=OtherSize),
        packed(count=int | None, note=str | None, size=Size),
        packed(count=int | str, note=str | None, size=Size),
        packed(count=int, note=str | None, size=MoreSizes),
    ],
    ids=[
        "new",
        "new with a default",
        "gone",
        "renamed",
        "not optional",
        "other type",
        "fewer choices",
        "optional",
        "one more type",
        "more choices",
    ],
)
def test_a_changed_event_without_a_new_version_is_found(folder: Path, changed: type[Event]) -> None:
    assert problems(folder, [changed])


def test_a_new_version_needs_a_file_of_its_own_and_keeps_that_of_the_old(folder: Path) -> None:
    types = [packed(Versioned, count=int, note=str | None, size=Size, grams=int)]
    registry = EventRegistry(types, [Upcaster("Packed", 1, with_grams)])

    assert problems(folder, types, *registry.forms["Packed", 1].upcasters) == [
        "Packed.2.json is missing; CONTRIBUTING.md says how to write it"
    ]
    assert GoldenEvents(registry, folder).write_missing() == [folder / "Packed.2.json"]
    assert GoldenEvents(registry, folder).problems() == []
    (folder / "Packed.1.json").unlink()
    assert [problem.partition(" ")[0] for problem in GoldenEvents(registry, folder).problems()] == [
        "Packed.1.json"
    ]


def test_an_upcaster_that_makes_no_valid_event_of_an_older_one_is_found(folder: Path) -> None:
    types = [packed(Versioned, count=int, note=str | None, size=Size, grams=int)]
    registry = EventRegistry(types, [Upcaster("Packed", 1, dict)])
    GoldenEvents(registry, folder).write_missing()

    found = GoldenEvents(registry, folder).problems()

    assert len(found) == 2  # one an example
    assert all(problem.startswith("Packed.1.json") and "`grams`" in problem for problem in found)


def test_an_event_that_nobody_reads_any_more_is_found(folder: Path) -> None:
    assert problems(folder, []) == [
        "Packed.1.json: nobody reads these events any more; give them an upcaster"
    ]


def test_what_is_written_once_is_never_written_again(folder: Path) -> None:
    changed = EventRegistry([packed(count=int)])
    before = (folder / "Packed.1.json").read_text("utf-8")

    assert GoldenEvents(changed, folder).write_missing() == []
    assert (folder / "Packed.1.json").read_text("utf-8") == before
