"""What a later release reads of the events that an earlier one stored. (In memory nothing outlives its release.)"""

from typing import ClassVar

import pytest
from attrs import frozen

from builders.events import Noted, a_stream, notes
from postgres_writers import RECORDER
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.core.eventlog import (
    Event,
    EventFilter,
    EventRegistry,
    MalformedEvent,
    MalformedEventError,
    UnknownEvent,
    Upcaster,
)


@frozen
class Remarked(Event):
    """What was Noted."""

    schema_version: ClassVar[int] = 2
    words: tuple[str, ...]


def release(conninfo: str, registry: EventRegistry) -> PostgresDatabase:
    """The database as a release that knows the events of *registry* has it."""
    return PostgresDatabase(conninfo, MsgspecEventCodec(registry), RECORDER)


async def test_older_events_are_upcast_and_unknown_ones_kept(migrated_database: str) -> None:
    stream, envelopes = a_stream(), notes("to be", "or not")
    renaming = Upcaster("Noted", 1, lambda note: {"words": note["text"].split()}, new_name="Remarked")

    async with release(migrated_database, EventRegistry([Noted])) as earlier, earlier.begin() as tx:
        await tx.events.append(stream, envelopes, 0)
    async with release(migrated_database, EventRegistry([Remarked], [renaming])) as later:
        upcast = await later.events.read_stream(stream)
        renamed = EventFilter(types=frozenset({Remarked}))
        followed = await later.follower.read(after_position=upcast[0].position - 1, of=renamed)
    async with release(migrated_database, EventRegistry([])) as stranger:
        unknown = await stranger.events.read_stream(stream)

    assert [each.event for each in upcast] == [Remarked(("to", "be")), Remarked(("or", "not"))]
    assert followed.events == upcast
    assert unknown[0].event == UnknownEvent("Noted", 1, '{"text": "to be"}')
    assert [each.envelope.id for each in unknown] == [envelope.id for envelope in envelopes]


async def test_what_is_no_valid_event_stops_who_reads_its_stream_and_nobody_else(
    migrated_database: str,
) -> None:
    stream, untouched = a_stream(), a_stream()
    async with release(migrated_database, EventRegistry([Noted])) as database:
        async with database.begin() as tx:
            await tx.events.append(stream, notes("bad"), 0)
            await tx.events.append(untouched, notes("good"), 0)
        [bad] = await database.events.read_stream(stream)
        async with database.read() as connection:
            await connection.execute("UPDATE events SET data = '{}' WHERE stream_id = %s", (stream.id,))

        stretch = await database.follower.read(after_position=bad.position - 1)
        looked_at = await database.events.read_all(after_position=bad.position - 1)
        with pytest.raises(MalformedEventError):
            await database.events.read_stream(stream)
        shown = await database.events.read_stream(stream, even_malformed=True)

    assert shown == stretch.events[:1]
    assert [each.event for each in stretch.events] == [MalformedEvent("Noted", 1, "{}"), Noted("good")]
    assert looked_at == stretch.events
