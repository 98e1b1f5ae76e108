"""`quayside events tail`."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import rich_click as click
from attrs import frozen

from ...core.eventlog import Event, EventFilter, LogFollower, RecordedEvent
from ..composition import EVENTS, composed
from ..settings import Settings
from .event_output import EventRecord
from .output import harmless
from .start import start

_LOOK_EVERY_S = 0.1
_BATCH = 500


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on with what is appended, until interrupted.")
@click.option(
    "--lines", "-n", default=10, type=click.IntRange(min=0), help="How many of the last; 10 by default."
)
@click.option(
    "--category", "categories", multiple=True, help="Only of streams of this category; may be repeated."
)
@click.option("--type", "types", multiple=True, help="Only of this type; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one event a line.")
def tail(
    *, follow: bool, lines: int, categories: tuple[str, ...], types: tuple[str, ...], as_json: bool
) -> None:
    """Show the last events, in the order of the log."""
    wanted = EventFilter(frozenset(categories) or None, _classes(types))
    settings = start()
    try:
        asyncio.run(_tail(settings, wanted, lines=lines, follow=follow, as_json=as_json))
    except KeyboardInterrupt:
        if not follow:  # else it is how it ends
            raise


def _classes(names: tuple[str, ...]) -> frozenset[type[Event]] | None:
    known = {each.type_name(): each for each in EVENTS.types}
    if missing := [name for name in names if name not in known]:
        raise click.BadParameter(f"{missing[0]} is none of {', '.join(sorted(known))}.", param_hint="--type")
    return frozenset(known[name] for name in names) or None


async def _tail(settings: Settings, wanted: EventFilter, *, lines: int, follow: bool, as_json: bool) -> None:
    async with composed(settings) as application:
        follower = application.storage.follower
        last = await _last(follower, wanted, lines)
        for recorded in last.events:
            _print(recorded, as_json=as_json)
        if follow:
            async for recorded in _appended(follower, wanted, last.position):
                _print(recorded, as_json=as_json)


@frozen
class _Last:
    """The newest events that are wanted, and the position up to which there are no others."""

    events: list[RecordedEvent]
    position: int


async def _last(follower: LogFollower, wanted: EventFilter, most: int) -> _Last:
    # Backwards, stretch by stretch; what the newest one leaves out at a gap is for whoever follows.
    end = await follower.newest()
    settled: int | None = None
    found: list[RecordedEvent] = []
    while end > 0 and (settled is None or len(found) < most):
        begin = max(end - _BATCH, 0)
        stretch = await follower.read(after_position=begin, limit=_BATCH, of=wanted)
        settled = min(stretch.position, end) if settled is None else settled
        found[:0] = [recorded for recorded in stretch.events if recorded.position <= end]
        end = begin
    return _Last(found[-most:] if most else [], settled or 0)


async def _appended(
    follower: LogFollower, wanted: EventFilter, position: int
) -> AsyncIterator[RecordedEvent]:
    while True:
        stretch = await follower.read(after_position=position, limit=_BATCH, of=wanted)
        for recorded in stretch.events:
            yield recorded
        if stretch.position == position:
            await asyncio.sleep(_LOOK_EVERY_S)
        position = stretch.position


def _print(recorded: RecordedEvent, *, as_json: bool) -> None:
    record = EventRecord.of(recorded)
    if as_json:
        click.echo(msgspec.json.encode(record))
        return
    flaw = f" ({record.flaw})" if record.flaw else ""
    what = f"{record.type}{flaw} {bytes(record.data).decode()}"
    place = f"{record.position}  {record.occurred_at:%Y-%m-%d %H:%M:%S}  {record.stream} {record.version}"
    click.echo(harmless(f"{place}  {what}"))
