"""A registry that could not read everything, or not in one way only, is refused as it is made."""

from typing import ClassVar

import pytest
from attrs import frozen

from quayside.core.eventlog import Event, EventRegistry, JsonObject, Upcaster


@frozen
class Opened(Event):
    """Has had one shape only."""


@frozen
class Placed(Event):
    """Has its third shape."""

    schema_version: ClassVar[int] = 3


class Impostor(Opened):
    """Claims another's name."""

    @classmethod
    def type_name(cls) -> str:
        return "Opened"


def same(fields: JsonObject) -> JsonObject:
    return fields


FIRST, SECOND = Upcaster("Placed", 1, same), Upcaster("Placed", 2, same)


def test_every_form_leads_to_a_class_of_today_by_the_upcasters_after_it() -> None:
    forms = EventRegistry([Opened, Placed], [SECOND, FIRST]).forms

    assert {form: (stored.event_type, stored.upcasters) for form, stored in forms.items()} == {
        ("Opened", 1): (Opened, ()),
        ("Placed", 1): (Placed, (FIRST, SECOND)),
        ("Placed", 2): (Placed, (SECOND,)),
        ("Placed", 3): (Placed, ()),
    }


@pytest.mark.parametrize(
    ("types", "upcasters", "complaint"),
    [
        ([Opened, Impostor], [], "Opened is the name of two classes"),
        ([Placed], [FIRST, SECOND, Upcaster("Placed", 2, same)], "Placed version 2 has two upcasters"),
        ([Opened], [Upcaster("Opened", 1, same)], "Opened version 1 is not older than its class"),
        (
            [Placed],
            [FIRST, SECOND, Upcaster("Placed", 4, same)],
            "Placed version 4 is not older than its class",
        ),
        ([Placed], [], "Placed version 3 has no upcaster"),
        ([Placed], [SECOND], "Placed version 2 has no upcaster"),
        ([Placed], [FIRST], "Placed version 1 is upcast to Placed version 2, which nobody reads"),
        ([], [Upcaster("Gone", 1, same)], "Gone version 1 is upcast to Gone version 2, which nobody reads"),
        (
            [Placed],
            [FIRST, SECOND, Upcaster("Laid", 1, same, new_name="Put")],
            "Laid version 1 is upcast to Put version 2, which nobody reads",
        ),
    ],
)
def test_a_hole_or_an_ambiguity_is_refused(
    types: list[type[Event]], upcasters: list[Upcaster], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        EventRegistry(types, upcasters)
