"""`quayside events show` and `quayside events list`."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import msgspec
import rich_click as click

from ...core.eventlog import EVENTS_BY_ACTOR, Act, RecordedEvent, StreamId, acts_of
from ...core.kernel import NotFoundError, UserId
from ..composition import composed
from ..settings import Settings
from ..worker import ProjectionBehindError
from .event_output import EventRecord
from .output import json_option, print_json, print_table
from .start import start


class StreamType(click.ParamType[StreamId]):
    """A stream, written as it is told: ``user/0192…``."""

    name = "category/id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> StreamId:
        category, _, stream_id = str(value).partition("/")
        try:
            return StreamId(category, UUID(stream_id))
        except ValueError:
            self.fail(f"{value!r} is no stream; one is written category/id, with an id as 0192….", param, ctx)


class ActAnswer(msgspec.Struct, frozen=True):
    """Where an event is, for programs."""

    position: int
    stream: str
    version: int
    type: str
    occurred_at: datetime

    @classmethod
    def of(cls, act: Act) -> Self:
        return cls(act.position, str(act.stream), act.version, act.type_name, act.occurred_at)


@click.command()
@click.argument("stream", type=StreamType())
@json_option
def show(*, stream: StreamId, as_json: bool) -> None:
    """Show every event of a stream, the oldest first: `quayside events show user/ID`. What cannot be read is marked."""
    records = [EventRecord.of(recorded) for recorded in asyncio.run(_stream(start(), stream))]
    if as_json:
        print_json({"data": records})
        return
    print_table(
        ("version", "position", "occurred at", "type", "actor", "data"),
        (
            (
                it.version,
                it.position,
                f"{it.occurred_at:%Y-%m-%d %H:%M:%S}",
                it.type if it.flaw is None else f"{it.type} ({it.flaw})",
                it.user_id or "-",
                bytes(it.data).decode(),
            )
            for it in records
        ),
    )


@click.command("list")
@click.option(
    "--actor", required=True, type=click.UUID, metavar="USER_ID", help="Only those that this user set off."
)
@click.option("--before", type=click.IntRange(min=1), help="Only those before this position.")
@click.option("--limit", default=50, type=click.IntRange(1, 1_000), help="How many, 1-1000; 50 by default.")
@json_option
def list_events(*, actor: UUID, before: int | None, limit: int, as_json: bool) -> None:
    """List what somebody did, newest first."""
    acts = asyncio.run(_acts(start(), UserId(actor), before, limit))
    if as_json:
        print_json({"data": [ActAnswer.of(act) for act in acts]})
        return
    print_table(
        ("position", "occurred at", "stream", "version", "type"),
        (
            (it.position, f"{it.occurred_at:%Y-%m-%d %H:%M:%S}", it.stream, it.version, it.type_name)
            for it in acts
        ),
    )


async def _stream(settings: Settings, stream: StreamId) -> Sequence[RecordedEvent]:
    async with composed(settings) as application:
        recorded = await application.storage.events.read_stream(stream, even_malformed=True)
    if not recorded:
        raise NotFoundError("There is no such stream.", stream=str(stream))
    return recorded


async def _acts(settings: Settings, actor: UserId, before: int | None, limit: int) -> Sequence[Act]:
    async with composed(settings) as application:
        newest = await application.storage.follower.newest()
        try:
            await application.projections.wait_for(EVENTS_BY_ACTOR.name, newest)
        except ProjectionBehindError:
            click.echo("Some of the latest events are missing: is a worker running?", err=True)
        return await acts_of(application.storage.documents, actor, before=before, limit=limit)
