"""What every event codec does (`core.eventlog.EventCodec`)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from json import dumps, loads
from types import UnionType
from typing import Any, ClassVar, NewType, get_args, get_origin
from uuid import UUID

import pytest
from attrs import fields, frozen, has
from hypothesis import given
from hypothesis import strategies as st

from quayside.adapters.serialization import MsgspecEventCodec
from quayside.core import identity, payments
from quayside.core.eventlog import (
    Event,
    EventCodec,
    EventRegistry,
    JsonObject,
    MalformedEventError,
    UnknownEvent,
    UnknownEventError,
    Upcaster,
)
from quayside.core.kernel import Money

SampleId = NewType("SampleId", UUID)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@frozen
class Line:
    sku: str
    price: Money


@frozen
class Sampled(Event):
    """One field of every type that events are made of."""

    id: SampleId
    amount: Money
    at: datetime
    day: date
    share: Decimal
    colour: Colour
    count: int
    is_gift: bool
    lines: tuple[Line, ...]
    labels: dict[str, str]
    note: str | None = None
    refund: Money | None = None


@frozen
class Priced(Event):
    """An event that got a field later."""

    amount: Money
    reason: str | None = None


@frozen
class Parcel(Event):
    """The fourth shape of an event: it was a Box, whose sides were one text, and then lost its colour."""

    schema_version: ClassVar[int] = 4
    sides_mm: tuple[int, ...]
    weight: Decimal


def with_sides_apart(box: JsonObject) -> JsonObject:
    return {"sides_mm": [int(side) for side in box["sides"].split("x")], "colour": box["colour"]}


def without_colour(box: JsonObject) -> JsonObject:
    del box["colour"]
    return box


def weighed(parcel: JsonObject) -> JsonObject:
    return parcel | {"weight": "0"}


EVENTS: tuple[type[Event], ...] = (Sampled, Priced, Parcel, *payments.EVENTS, *identity.EVENTS)
# In no order: what follows on what is known by the versions.
UPCASTERS = (
    Upcaster("Parcel", 3, weighed),
    Upcaster("Box", 1, with_sides_apart),
    Upcaster("Box", 2, without_colour, new_name="Parcel"),
)

VALUES: Mapping[object, st.SearchStrategy[object]] = {
    UUID: st.uuids(),
    Money: st.builds(Money, st.integers(-(2**63), 2**63 - 1), st.sampled_from(["GBP", "JPY", "KWD"])),
    datetime: st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=-30))])),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    int: st.integers(-(2**63), 2**63 - 1),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type: an event's, a field's, or that of an item."""
    if (kind := getattr(kind, "__supertype__", kind)) in VALUES:
        return VALUES[kind]
    if has(kind):
        return st.builds(kind, **{field.name: any_of(field.type) for field in fields(kind)})
    if get_origin(kind) is UnionType:
        return st.one_of(*(any_of(choice) for choice in get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(any_of(get_args(kind)[0]), max_size=3).map(tuple)
    return st.from_type(kind)


@pytest.fixture(params=[MsgspecEventCodec], ids=["msgspec"])
def codec(request: pytest.FixtureRequest) -> EventCodec:
    made: EventCodec = request.param(EventRegistry(EVENTS, UPCASTERS))
    return made


@given(st.one_of(*(any_of(event_type) for event_type in EVENTS)))
def test_an_event_comes_back_equal_from_one_line(event: Event) -> None:
    codec = MsgspecEventCodec(EventRegistry(EVENTS, UPCASTERS))

    text = codec.encode(event)

    assert codec.decode(event.type_name(), event.schema_version, text) == event
    assert not {"\n", "\t"} & set(text)


def test_what_is_stored_keeps_its_form_for_ever(codec: EventCodec) -> None:
    event = Sampled(
        id=SampleId(UUID(int=1)),
        amount=Money.of("19.99", "GBP"),
        at=datetime(2026, 3, 1, 12, 0, 0, 250, UTC),
        day=date(2026, 3, 1),
        share=Decimal("0.10"),
        colour=Colour.RED,
        count=2**62,
        is_gift=True,
        lines=(Line("rose", Money.of("5", "JPY")),),
        labels={"to": "Zoë"},
    )

    assert loads(codec.encode(event)) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "amount": {"minor": 1999, "currency": "GBP"},
        "at": "2026-03-01T12:00:00.000250Z",
        "day": "2026-03-01",
        "share": "0.10",
        "colour": "red",
        "count": 2**62,
        "is_gift": True,
        "lines": [{"sku": "rose", "price": {"minor": 5, "currency": "JPY"}}],
        "labels": {"to": "Zoë"},
        "note": None,
        "refund": None,
    }


def test_a_field_that_came_later_takes_its_default_in_older_events(codec: EventCodec) -> None:
    older = Priced(Money.of("1.00", "GBP"))
    text = dumps({"amount": {"minor": 100, "currency": "GBP"}})

    assert codec.decode("Priced", 1, text) == older


@pytest.mark.parametrize(
    ("type_name", "schema_version", "text"),
    [
        ("Box", 1, '{"sides": "20x30", "colour": "red"}'),
        ("Box", 2, '{"sides_mm": [20, 30], "colour": "red"}'),
        ("Parcel", 3, '{"sides_mm": [20, 30]}'),
        ("Parcel", 4, '{"sides_mm": [20, 30], "weight": "0"}'),
    ],
)
def test_every_older_version_is_read_as_an_event_of_today(
    codec: EventCodec, type_name: str, schema_version: int, text: str
) -> None:
    assert codec.decode(type_name, schema_version, text) == Parcel((20, 30), Decimal(0))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"sides": 5, "colour": "red"}',
        '{"sides": "axb", "colour": "red"}',
        '{"sides": "2x3"}',
    ],
)
def test_an_older_event_that_cannot_be_upcast_is_malformed(codec: EventCodec, text: str) -> None:
    with pytest.raises(MalformedEventError) as refusal:
        codec.decode("Box", 1, text)

    assert refusal.value.details == {"type": "Box", "schema_version": 1}


def test_whatever_an_upcaster_raises_the_event_is_malformed() -> None:
    def give_up(_: JsonObject) -> JsonObject:
        raise RuntimeError("no idea")

    codec = MsgspecEventCodec(EventRegistry([Parcel], [*UPCASTERS[1:], Upcaster("Parcel", 3, give_up)]))

    with pytest.raises(MalformedEventError):
        codec.decode("Parcel", 3, '{"sides_mm": [20, 30]}')


def test_what_an_upcaster_makes_is_held_to_the_rules_of_the_class() -> None:
    codec = MsgspecEventCodec(EventRegistry([Parcel], [*UPCASTERS[1:], Upcaster("Parcel", 3, dict)]))

    with pytest.raises(MalformedEventError):
        codec.decode("Parcel", 3, '{"sides_mm": [20, 30]}')


def test_an_event_is_known_by_every_name_that_it_has_had(codec: EventCodec) -> None:
    assert codec.stored_names(Parcel) == {"Box", "Parcel"}
    assert codec.stored_names(Priced) == {"Priced"}


@pytest.mark.parametrize(("type_name", "schema_version"), [("Forgotten", 1), ("Priced", 2), ("Box", 3)])
def test_an_event_that_nobody_registered_is_kept_as_it_is_stored(
    codec: EventCodec, type_name: str, schema_version: int
) -> None:
    event = codec.decode(type_name, schema_version, '{"price": 1.50}')

    assert event == UnknownEvent(type_name, schema_version, '{"price": 1.50}')
    assert event.type_name() == type_name


def test_every_unknown_event_is_reported_and_no_other() -> None:
    reported: list[tuple[str, int]] = []
    codec = MsgspecEventCodec(EventRegistry([Priced]), observe_unknown=lambda *form: reported.append(form))

    for version in (1, 2, 2):
        codec.decode("Priced", version, '{"amount": {"minor": 100, "currency": "GBP"}}')

    assert reported == [("Priced", 2), ("Priced", 2)]


def test_many_are_read_in_their_order_whatever_their_forms(codec: EventCodec) -> None:
    stored = [
        ("Box", 1, '{"sides": "20x30", "colour": "red"}'),
        ("Priced", 1, '{"amount": {"minor": 100, "currency": "GBP"}}'),
        ("Forgotten", 1, "{}"),
        ("Box", 1, '{"sides": "4", "colour": "blue"}'),
    ]

    for _ in range(2):  # the forms are met for the first time, and known
        assert list(codec.decode_all(stored)) == [codec.decode(*each) for each in stored]
    assert list(codec.decode_all([])) == []


def test_one_of_many_that_is_no_valid_event_is_named() -> None:
    reported: list[tuple[str, int]] = []
    registry = EventRegistry(EVENTS, UPCASTERS)
    codec = MsgspecEventCodec(registry, observe_malformed=lambda *form: reported.append(form))
    valid = ("Priced", 1, '{"amount": {"minor": 100, "currency": "GBP"}}')
    codec.decode(*valid)

    with pytest.raises(MalformedEventError) as refusal:
        codec.decode_all([valid, ("Priced", 1, "{}"), valid])

    assert refusal.value.details == {"type": "Priced", "schema_version": 1}
    assert reported == [("Priced", 1)]


@pytest.mark.parametrize("event", [UnknownEvent("Priced", 2, "{}"), Priced(Money.of("1.00", "GBP"))])
def test_what_nobody_could_read_is_not_written(event: Event) -> None:
    with pytest.raises(UnknownEventError):
        MsgspecEventCodec(EventRegistry([Sampled])).encode(event)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"amount": null}',
        '{"amount": {"minor": 1}}',
        '{"amount": {"minor": 1.5, "currency": "GBP"}}',
        '{"amount": {"minor": "1", "currency": "GBP"}}',
        '{"amount": {"minor": true, "currency": "GBP"}}',
        '{"amount": {"minor": 1, "currency": "ZZZ"}}',
        '{"amount": {"minor": 1, "currency": "gbp"}}',
        '{"amount": {"minor": 9223372036854775808, "currency": "GBP"}}',
    ],
)
def test_no_invalid_event_is_ever_read(codec: EventCodec, text: str) -> None:
    with pytest.raises(MalformedEventError):
        codec.decode("Priced", 1, text)
