"""`quayside events parked`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Self

import msgspec
import rich_click as click

from ...core.eventlog import DeferredEvent, DeferredEventNotFoundError, DeferredEvents, RecordedEvent
from ..composition import Application, composed
from ..settings import Settings
from .event_output import EventRecord
from .output import json_option, print_facts, print_json, print_table
from .start import start

_BATCH = 100

subscription_argument = click.argument("subscription")
position_argument = click.argument("position", type=click.IntRange(min=1))
positions_argument = click.argument("positions", nargs=-1, type=click.IntRange(min=1))
all_option = click.option("--all", "every", is_flag=True, help="All that it has parked.")


@click.group()
def parked() -> None:
    """
    Look after events that a subscription has given up.

    What follows in the stream of such an event waits behind it; all other streams go on.
    """


@parked.command("list")
@click.option("--subscription", help="Only those of this one.")
@json_option
def list_parked(*, subscription: str | None, as_json: bool) -> None:
    """List what is parked, in the order of the log: the first hundred."""
    found = asyncio.run(_list(start(), subscription))
    if as_json:
        print_json({"data": [ParkedRecord.of(each) for each in found]})
        return
    print_table(
        ("subscription", "position", "stream", "parked at", "failures", "error"),
        (
            (
                it.subscription,
                it.position,
                it.stream,
                f"{it.parked_at:%Y-%m-%d %H:%M:%S}",
                it.failures,
                it.error,
            )
            for it in found
        ),
    )


@parked.command()
@subscription_argument
@position_argument
@json_option
def show(*, subscription: str, position: int, as_json: bool) -> None:
    """Show one parked event, and what became of it."""
    deferred, recorded = asyncio.run(_get(start(), subscription, position))
    shown = ParkedRecord.of(deferred, recorded)
    if as_json:
        print_json(shown)
    else:
        print_facts(shown)


@parked.command()
@subscription_argument
@positions_argument
@all_option
def retry(*, subscription: str, positions: tuple[int, ...], every: bool) -> None:
    """Let parked events be tried again, as often as new ones."""
    _require_some(positions, every=every)
    count = asyncio.run(_each(start(), subscription, positions, lambda deferred: deferred.retry))
    click.echo(f"{count} to be tried again", err=True)


@parked.command()
@subscription_argument
@positions_argument
@all_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def discard(*, subscription: str, positions: tuple[int, ...], every: bool, yes: bool) -> None:
    """Give parked events up for good; what waits behind them goes on."""
    _require_some(positions, every=every)
    settings = start()
    if not yes:
        what = "all that is parked" if every else f"{len(positions)} parked"
        click.confirm(f"{subscription} will never handle {what}. Go on?", abort=True, err=True)
    count = asyncio.run(_each(settings, subscription, positions, lambda deferred: deferred.discard))
    click.echo(f"{count} discarded", err=True)


class ParkedRecord(msgspec.Struct, frozen=True):
    """What is kept of a parked event, for programs; with the event, where one is shown."""

    subscription: str
    position: int
    stream: str
    failures: int
    error: str | None
    parked_at: datetime | None
    event: EventRecord | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, deferred: DeferredEvent, recorded: RecordedEvent | None = None) -> Self:
        return cls(
            deferred.subscription,
            deferred.position,
            str(deferred.stream),
            deferred.failures,
            deferred.error,
            deferred.parked_at,
            EventRecord.of(recorded) if recorded else msgspec.UNSET,
        )


def _require_some(positions: Sequence[int], *, every: bool) -> None:
    if bool(positions) == every:
        raise click.UsageError("Give the positions of the events, or --all.")


async def _require_known(application: Application, subscription: str) -> None:
    """Refuse a name under which nothing ever ran: of that, too, nothing is parked."""
    await application.storage.subscriptions.state(subscription)


async def _list(settings: Settings, subscription: str | None) -> Sequence[DeferredEvent]:
    async with composed(settings) as application:
        if subscription is not None:
            await _require_known(application, subscription)
        return await application.storage.deferred_events.parked(subscription, limit=_BATCH)


async def _get(settings: Settings, subscription: str, position: int) -> tuple[DeferredEvent, RecordedEvent]:
    async with composed(settings) as application:
        storage = application.storage
        await _require_known(application, subscription)
        for deferred in await storage.deferred_events.parked(
            subscription, after_position=position - 1, limit=1
        ):
            if deferred.position == position:
                [recorded] = await storage.events.read_all(after_position=position - 1, limit=1)
                return deferred, recorded
    raise DeferredEventNotFoundError(subscription, position)


async def _each(
    settings: Settings,
    subscription: str,
    positions: Sequence[int],
    verb: Callable[[DeferredEvents], Callable[[str, int], Awaitable[None]]],
) -> int:
    """Do it with those at *positions*, or with all, and tell with how many."""
    async with composed(settings) as application:
        await _require_known(application, subscription)
        deferred, count = application.storage.deferred_events, 0
        if positions:
            for position in positions:
                await verb(deferred)(subscription, position)
            return len(positions)
        async for each in _all(deferred, subscription):
            await verb(deferred)(subscription, each.position)
            count += 1
        return count


async def _all(deferred: DeferredEvents, subscription: str) -> AsyncIterator[DeferredEvent]:
    position = 0
    while batch := await deferred.parked(subscription, after_position=position, limit=_BATCH):
        for each in batch:
            yield each
        position = batch[-1].position
