"""
Golden files: how events of every type and schema version are stored, for ever.

Run as a program, it writes the files that new events lack. What is there is never written again.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from itertools import chain
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

from attrs import fields, frozen, has

from quayside.adapters.serialization import MsgspecEventCodec
from quayside.core.eventlog import Event, EventRegistry, MalformedEventError
from quayside.core.kernel import Money
from quayside.entrypoints.composition import EVENTS

GOLDEN = Path(__file__).parent / "golden"
"""One file a type and schema version, each a list of examples."""

_SAMPLES: dict[object, object] = {
    UUID: UUID("01936b2e-7c00-7000-8000-000000000001"),
    Money: Money(1999, "GBP"),
    datetime: datetime(2026, 3, 1, 12, 0, 0, 250, UTC),
    date: date(2026, 3, 1),
    Decimal: Decimal("0.10"),
    int: 7,
    float: 0.5,
    bool: True,
    str: "a text",
    NoneType: None,
}


@frozen
class GoldenEvents:
    """What is wrong with the golden files of the events of a registry, and those that it lacks."""

    registry: EventRegistry
    folder: Path = GOLDEN

    def problems(self) -> list[str]:
        """In words for whoever changed an event; none if all is well."""
        known = {self._path(*form) for form in self.registry.forms}
        strays = sorted(set(self.folder.glob("*.json")) - known)
        return [
            *(f"{path.name}: nobody reads these events any more; give them an upcaster" for path in strays),
            *chain.from_iterable(self._problems_of(*form) for form in self.registry.forms),
        ]

    def write_missing(self) -> list[Path]:
        """Write a file for each event of today that has none, with examples to look through."""
        today = {event_type.type_name(): event_type for event_type in self.registry.types}
        missing = {self._path(name, each.schema_version): each for name, each in sorted(today.items())}
        written = {path: each for path, each in missing.items() if not path.exists()}
        for path, event_type in written.items():
            stored = [self._stored(event) for event in examples(event_type)]
            path.write_text(json.dumps(stored, indent=2) + "\n", "utf-8")
        return list(written)

    def _problems_of(self, type_name: str, schema_version: int) -> Iterator[str]:
        path = self._path(type_name, schema_version)
        if not path.exists():
            yield f"{path.name} is missing; CONTRIBUTING.md says how to write it"
            return
        kept = json.loads(path.read_text("utf-8"))
        yield from self._choices_beyond(kept, type_name, schema_version)
        for stored in kept:
            codec = MsgspecEventCodec(self.registry)
            try:
                event = codec.decode(type_name, schema_version, json.dumps(stored))
            except MalformedEventError as error:
                yield f"{path.name}: {stored} is read no more: {error.__cause__}"
                continue
            is_of_today = (event.type_name(), event.schema_version) == (type_name, schema_version)
            if is_of_today and _text(self._stored(event)) != _text(stored):
                yield (
                    f"{path.name}: {stored} is written {self._stored(event)} now; a changed event needs a new "
                    "schema_version, and an upcaster from this one"
                )

    def _choices_beyond(self, kept: list[object], type_name: str, schema_version: int) -> Iterator[str]:
        # An event that takes more than before reads what was stored, but earlier releases do not read what it stores;
        # and were the choice taken back, nobody would notice that it is out there.
        event_type, texts = self.registry.forms[type_name, schema_version].event_type, {*map(_text, kept)}
        if (type_name, schema_version) == (event_type.type_name(), event_type.schema_version):
            for stored in map(self._stored, examples(event_type)):
                if _text(stored) not in texts:
                    yield (
                        f"{self._path(type_name, schema_version).name} has no {stored}; a changed event needs a new "
                        "schema_version, and an upcaster from this one"
                    )

    def _stored(self, event: Event) -> object:
        return json.loads(MsgspecEventCodec(self.registry).encode(event))

    def _path(self, type_name: str, schema_version: int) -> Path:
        return self.folder / f"{type_name}.{schema_version}.json"


def examples(kind: Any) -> list[Any]:
    """As many values of a type as show each choice in it, at any depth, at least once."""
    kind = getattr(kind, "__supertype__", kind)
    if kind in _SAMPLES:
        return [_SAMPLES[kind]]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)
    if has(kind):
        choices = {field.name: examples(field.type) for field in fields(kind)}
        rounds = max((len(each) for each in choices.values()), default=1)
        return [
            kind(**{name: each[nth % len(each)] for name, each in choices.items()}) for nth in range(rounds)
        ]
    if get_origin(kind) in (UnionType, Union):
        return list(chain.from_iterable(examples(choice) for choice in get_args(kind)))
    if get_origin(kind) is tuple:
        return [tuple(examples(get_args(kind)[0]))]
    raise TypeError(f"There is no example of {kind} yet: give one here.")


def _text(stored: object) -> str:
    # Told apart as texts: 1, 1.0 and True are equal in Python.
    return json.dumps(stored, sort_keys=True)


if __name__ == "__main__":
    for written in GoldenEvents(EVENTS).write_missing():
        sys.stdout.write(f"{written}\n")
