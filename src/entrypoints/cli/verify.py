"""`quayside events verify`."""

import asyncio

import msgspec
import rich_click as click
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from ...core.eventlog import LogReport, VerifyLog
from ...core.kernel import ConflictError
from ..composition import composed
from ..settings import Settings
from .output import json_option, print_json, print_table, progress_bar
from .start import start


class LogDamagedError(ConflictError):
    """The log is not what it should be."""

    code = "log_damaged"

    def __init__(self, flaws: int) -> None:
        super().__init__("The log is not whole.", flaws=flaws)


@click.command()
@json_option
def verify(*, as_json: bool) -> None:
    """
    Look at every event, and tell what is wrong.

    Each has to be readable, and each stream to have every version up to its own. Others may append meanwhile.
    """
    report = asyncio.run(_verify(start()))
    if as_json:
        print_json(_VerifyAnswer.of(report))
    else:
        if report.flaws:
            print_table(
                ("stream", "position", "what is wrong"),
                ((flaw.stream, flaw.position or "-", flaw.what) for flaw in report.flaws),
            )
        for (name, version), count in sorted(report.unknown.items()):
            click.echo(
                f"{count} of {name} in schema version {version} are not known to this release.", err=True
            )
        click.echo(f"{report.events} events in {report.streams} streams", err=True)
    if report.flaw_count:
        raise LogDamagedError(report.flaw_count)


class _FlawAnswer(msgspec.Struct, frozen=True):
    stream: str
    position: int | None
    what: str


class _UnknownAnswer(msgspec.Struct, frozen=True):
    type: str
    schema_version: int
    count: int


class _VerifyAnswer(msgspec.Struct, frozen=True):
    events: int
    streams: int
    unknown: list[_UnknownAnswer]
    flaws: list[_FlawAnswer]
    flaw_count: int

    @classmethod
    def of(cls, report: LogReport) -> "_VerifyAnswer":
        return cls(
            report.events,
            report.streams,
            [_UnknownAnswer(*which, count) for which, count in sorted(report.unknown.items())],
            [_FlawAnswer(str(flaw.stream), flaw.position, flaw.what) for flaw in report.flaws],
            report.flaw_count,
        )


async def _verify(settings: Settings) -> LogReport:
    async with composed(settings) as application:
        # Positions have gaps, so this is the most that there can be.
        most = await application.storage.follower.newest()
        columns = (TextColumn("events"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with progress_bar(*columns) as progress:
            task = progress.add_task("", total=most)
            report = await VerifyLog(application.storage.stored_log)(
                lambda count: progress.advance(task, count)
            )
            progress.update(task, total=report.events, completed=report.events)
    return report
