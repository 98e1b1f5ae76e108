"""Event-sourced aggregates on every event log."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from builders.events import OpenRecorder
from builders.parcels import PARCEL, Pack, Parcel, ParcelTooHeavyError, Seal, Start
from quayside.core.eventlog import BeginLog, EventReader, EventSourced, NoSuchStateError, Versioned


async def test_racing_commands_are_each_decided_on_what_the_others_led_to(
    begin: BeginLog, events: EventReader
) -> None:
    parcels, parcel_id = (
        EventSourced("parcel", PARCEL, OpenRecorder(lambda: datetime.now(UTC), uuid4)),
        uuid4(),
    )
    await parcels.execute(begin, parcel_id, Start(1000))

    async def pack(sku: str) -> Versioned[Parcel] | None:
        try:
            return await parcels.execute(begin, parcel_id, Pack(sku, 300), attempts=6)
        except ParcelTooHeavyError:
            return None

    packed = await asyncio.gather(*(pack(f"sku-{nth}") for nth in range(6)))

    assert sorted(each.version for each in packed if each) == [2, 3, 4]
    parcel = await parcels.load(events, parcel_id)
    assert (parcel.state.weight_g, parcel.version) == (900, 4)


async def test_the_past_is_read_by_version_and_by_time(begin: BeginLog, events: EventReader) -> None:
    parcels, parcel_id = (
        EventSourced("parcel", PARCEL, OpenRecorder(lambda: datetime.now(UTC), uuid4)),
        uuid4(),
    )
    started = await parcels.execute(begin, parcel_id, Start(1000))
    sealed = await parcels.execute(begin, parcel_id, Seal())

    assert await parcels.state_at(events, parcel_id, version=1) == started
    assert await parcels.state_at(events, parcel_id, as_of=datetime.now(UTC)) == sealed
    with pytest.raises(NoSuchStateError):
        await parcels.state_at(events, parcel_id, version=3)
