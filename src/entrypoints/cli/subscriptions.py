"""`quayside subscriptions`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
import rich_click as click

from ...core.eventlog import JOB_PREFIX, Standing
from ..composition import Application, composed, standings_of
from ..settings import Settings
from .output import json_option, print_json, print_table
from .start import start

name_argument = click.argument("name")


@click.group()
def subscriptions() -> None:
    """
    Look after those who react to the event log.

    What is named job-… is a periodic job: it can be paused, and has no position.
    """


@subscriptions.command("list")
@json_option
def list_subscriptions(*, as_json: bool) -> None:
    """List all that ever ran: how far they are, how far behind, and who runs them."""
    records = asyncio.run(_list(start()))
    if as_json:
        print_json({"data": records})
        return
    print_table(
        ("name", "position", "lag", "lag seconds", "state", "holder", "deferred", "parked"),
        (
            (
                it.name,
                _or_dash(it.position),
                _or_dash(it.lag_events),
                "-" if it.lag_seconds is None else f"{it.lag_seconds:.1f}",
                "paused" if it.paused else "running" if it.running else "idle",
                _or_dash(it.holder),
                it.deferred,
                it.parked,
            )
            for it in records
        ),
    )


@subscriptions.command()
@name_argument
def pause(*, name: str) -> None:
    """Let nobody run it until it is resumed; what it has in hand is undone, or done again then."""
    asyncio.run(_change(start(), lambda application: application.storage.subscriptions.pause(name)))


@subscriptions.command()
@name_argument
def resume(*, name: str) -> None:
    """Let it be run again."""
    asyncio.run(_change(start(), lambda application: application.storage.subscriptions.resume(name)))


@subscriptions.command()
@name_argument
@click.option(
    "--to",
    "position",
    default=0,
    type=click.IntRange(min=0),
    help="The position to go on after; 0 by default.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, name: str, position: int, yes: bool) -> None:
    """
    Let it go on after another position, and forget what it deferred or parked.

    What it handles a second time has its effect a second time, unless its handler takes care.
    """
    if name.startswith(JOB_PREFIX):
        raise click.UsageError("A job has no position.")
    settings = start()
    if not yes:
        click.confirm(
            f"{name} will handle everything after position {position}, again or never. Go on?",
            abort=True,
            err=True,
        )
    asyncio.run(_change(settings, lambda application: _reset(application, name, position)))


class SubscriptionRecord(msgspec.Struct, frozen=True):
    """One subscription, or job, for programs; what a job does not have is null."""

    name: str
    kind: str
    position: int | None
    lag_events: int | None
    lag_seconds: float | None
    paused: bool
    running: bool
    holder: str | None
    leased_until: datetime | None
    deferred: int
    parked: int

    @classmethod
    def of(cls, standing: Standing, at: datetime) -> "SubscriptionRecord":
        state = standing.state
        return cls(
            name=state.name,
            kind="job" if state.is_job else "subscription",
            position=None if state.is_job else state.position,
            lag_events=None if state.is_job else standing.lag_events,
            lag_seconds=None if state.is_job else round(standing.lag_s, 3),
            paused=state.is_paused,
            running=state.leased_until is not None and state.leased_until > at,
            holder=state.holder,
            leased_until=state.leased_until,
            deferred=state.deferred,
            parked=state.parked,
        )


def _or_dash(value: object) -> object:
    return "-" if value is None else value


async def _list(settings: Settings) -> Sequence[SubscriptionRecord]:
    async with composed(settings) as application:
        standings, now = await standings_of(application)(), application.clock()
    return [SubscriptionRecord.of(standing, now) for standing in standings]


async def _change(settings: Settings, change: Callable[[Application], Awaitable[None]]) -> None:
    async with composed(settings) as application:
        await change(application)


async def _reset(application: Application, name: str, position: int) -> None:
    for generation in await application.storage.generations.of():
        if generation.subscription == name:
            raise click.UsageError(
                f"{name} fills a view, which would count everything twice: "
                f"`quayside projections rebuild {generation.projection}` makes it anew."
            )
    if position > (newest := await application.storage.follower.newest()):
        raise click.BadParameter(f"the log ends at {newest}.", param_hint="--to")
    await application.storage.subscriptions.reset(name, position)
