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
from quayside.core.eventlog import Event, EventCodec, EventRegistry, MalformedEventError, UnknownEventError
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
class Renamed(Event):
    """The second shape of an event."""

    schema_version: ClassVar[int] = 2
    title: str


EVENTS: tuple[type[Event], ...] = (Sampled, Priced, Renamed, *payments.EVENTS, *identity.EVENTS)

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
    made: EventCodec = request.param(EventRegistry(EVENTS))
    return made


@given(st.one_of(*(any_of(event_type) for event_type in EVENTS)))
def test_an_event_comes_back_equal(event: Event) -> None:
    codec = MsgspecEventCodec(EventRegistry(EVENTS))

    assert codec.decode(event.type_name(), event.schema_version, codec.encode(event)) == event


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


def test_each_schema_version_has_its_own_class(codec: EventCodec) -> None:
    assert codec.decode("Renamed", 2, '{"title": "x"}') == Renamed("x")
    with pytest.raises(UnknownEventError):
        codec.decode("Renamed", 1, '{"title": "x"}')


def test_an_event_that_nobody_registered_is_told_apart(codec: EventCodec) -> None:
    with pytest.raises(UnknownEventError):
        codec.decode("Forgotten", 1, "{}")


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
