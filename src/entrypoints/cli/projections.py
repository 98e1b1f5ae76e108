"""`quayside projections`."""

import asyncio
from collections.abc import Sequence

import rich_click as click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..composition import ProjectionState, composed, projection_states, worker_of
from ..settings import Settings
from ..worker import RebuildProgress, rebuild
from .output import error_console, json_option, print_json, print_table
from .start import start


@click.group()
def projections() -> None:
    """Look after views of the event log."""


@projections.command("list")
@json_option
def list_projections(*, as_json: bool) -> None:
    """List every view, and what is being built."""
    states = asyncio.run(_states(start()))
    if as_json:
        print_json({"data": states})
        return
    print_table(
        ("projection", "declared", "generation", "version", "status", "position", "of", "deferred", "parked"),
        (
            (
                it.projection,
                it.declared_version or "-",
                it.generation or "-",
                it.version or "-",
                it.status or "not built",
                it.position,
                it.newest,
                it.deferred,
                it.parked,
            )
            for it in states
        ),
    )


@projections.command("rebuild")
@click.argument("name")
def rebuild_projection(*, name: str) -> None:
    """
    Make a view anew from the first event, beside the one that is read, which it then replaces.

    A rebuild that is interrupted is gone on with by any running worker, or by the same command.
    """
    asyncio.run(_rebuild(start(), name))


async def _states(settings: Settings) -> Sequence[ProjectionState]:
    async with composed(settings) as application:
        return await projection_states(application)


async def _rebuild(settings: Settings, name: str) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[per_s]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    # The bar is for people: what is piped gets one line at the end. What is refused gets none.
    bar = Progress(*columns, console=error_console())

    def tell(progress: RebuildProgress) -> None:
        if not bar.tasks:
            bar.start()
            bar.add_task(name, per_s=0.0)
        bar.update(bar.tasks[0].id, completed=progress.done, total=progress.total, per_s=progress.per_s)

    try:
        async with composed(settings) as application:
            await rebuild(worker_of(application), name, tell)
    finally:
        if bar.tasks:
            bar.stop()
