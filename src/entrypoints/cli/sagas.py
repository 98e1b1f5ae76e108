"""`quayside sagas`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import msgspec
import rich_click as click

from ...core.eventlog import RecordedEvent
from ...core.fulfilment import OpenSaga, Saga, SagaNotFoundError, SagaRunner
from ..composition import Application, composed
from ..settings import Settings
from .event_output import EventRecord
from .output import json_option, print_facts, print_json, print_table
from .start import start

_MOST = 1_000

ids_argument = click.argument("ids", nargs=-1, type=click.UUID)
all_option = click.option("--all", "every", is_flag=True, help="All that need a person, a thousand at once.")


@click.group()
def sagas() -> None:
    """
    Look after sagas: what takes several steps to be done, such as an order.

    One that cannot go on by itself waits until it is retried or abandoned.
    """


@sagas.command("list")
@click.option("--attention", "needs_attention", is_flag=True, help="Only those that need a person.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=100, help="How many; 100 by default.")
@json_option
def list_sagas(*, needs_attention: bool, limit: int, as_json: bool) -> None:
    """List those that are not at their end, the one that has been at its step for longest first."""
    found = asyncio.run(_list(start(), limit, needs_attention=needs_attention or None))
    if as_json:
        print_json({"data": [OpenRecord.of(each) for each in found]})
        return
    print_table(
        ("saga", "id", "phase", "step", "since", "attempts", "attention"),
        (
            (
                it.category,
                it.id,
                it.phase,
                it.step or "-",
                f"{it.since:%Y-%m-%d %H:%M:%S}",
                it.attempts,
                it.attention or "-",
            )
            for it in found
        ),
    )


@sagas.command()
@click.argument("saga_id", type=click.UUID)
@json_option
def show(*, saga_id: UUID, as_json: bool) -> None:
    """Show one saga, and all that happened to it."""
    saga, history = asyncio.run(_get(start(), saga_id))
    shown = SagaRecord.of(saga_id, saga, history)
    if as_json:
        print_json(shown)
        return
    facts = {name: getattr(shown, name) for name in shown.__struct_fields__ if name != "events"}
    print_facts(facts)
    print_table(
        ("version", "occurred at", "type", "data"),
        ((it.version, it.occurred_at, it.type, bytes(it.data).decode()) for it in shown.events),
    )


@sagas.command()
@ids_argument
@all_option
def retry(*, ids: tuple[UUID, ...], every: bool) -> None:
    """Let sagas that need a person try again what they are stuck at."""
    _require_some(ids, every=every)
    count = asyncio.run(_each(start(), ids, lambda runner: runner.retry))
    click.echo(f"{count} to be tried again", err=True)


@sagas.command()
@ids_argument
@all_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def abandon(*, ids: tuple[UUID, ...], every: bool, yes: bool) -> None:
    """Say that you have put right what sagas are stuck at: they go on without it, and undo the rest."""
    _require_some(ids, every=every)
    settings = start()
    if not yes:
        what = "All that need a person" if every else f"{len(ids)}"
        click.confirm(f"{what} will never do what they are stuck at. Go on?", abort=True, err=True)
    count = asyncio.run(_each(settings, ids, lambda runner: runner.abandon))
    click.echo(f"{count} abandoned", err=True)


class OpenRecord(msgspec.Struct, frozen=True):
    """A saga that is open, for programs."""

    saga: str
    id: UUID
    phase: str
    step: str | None
    since: datetime
    started_at: datetime
    deadline: datetime | None
    attempts: int
    due_at: datetime | None
    attention: str | None

    @classmethod
    def of(cls, saga: OpenSaga) -> Self:
        return cls(
            saga.category,
            saga.id,
            saga.phase,
            saga.step,
            saga.since,
            saga.started_at,
            saga.deadline,
            saga.attempts,
            saga.due_at,
            saga.attention,
        )


class SagaRecord(msgspec.Struct, frozen=True):
    """A saga with its history, for programs."""

    saga: str
    id: UUID
    phase: str
    reason: str | None
    deadline: datetime | None
    done: tuple[str, ...]
    step: str | None
    is_undone: bool
    attempts: int
    due_at: datetime | None
    attention: str | None
    events: list[EventRecord]

    @classmethod
    def of(cls, saga_id: UUID, saga: Saga, history: Sequence[RecordedEvent]) -> Self:
        pending = saga.pending
        return cls(
            saga=saga.plan.category,
            id=saga_id,
            phase=saga.phase,
            reason=saga.reason,
            deadline=saga.deadline,
            done=saga.done,
            step=pending.step if pending else None,
            is_undone=pending.is_undo if pending else False,
            attempts=pending.attempts if pending else 0,
            due_at=pending.due_at if pending else None,
            attention=saga.attention,
            events=[EventRecord.of(each) for each in history],
        )


def _require_some(ids: Sequence[UUID], *, every: bool) -> None:
    if bool(ids) == every:
        raise click.UsageError("Give the ids of sagas, or --all.")


async def _list(settings: Settings, limit: int, *, needs_attention: bool | None) -> Sequence[OpenSaga]:
    async with composed(settings) as application:
        return await application.storage.open_sagas.list(needs_attention=needs_attention, limit=limit)


async def _get(settings: Settings, saga_id: UUID) -> tuple[Saga, Sequence[RecordedEvent]]:
    async with composed(settings) as application:
        runner = application.fulfilment.runner
        saga = await runner.load(saga_id)
        if not saga.version:
            raise SagaNotFoundError(saga_id)
        return saga, await application.storage.events.read_stream(runner.stream(saga_id))


Verb = Callable[[UUID], Awaitable[bool]]


async def _each(settings: Settings, ids: Sequence[UUID], verb: Callable[[SagaRunner[Any]], Verb]) -> int:
    """Do it with each of *ids*, or with all that need a person, and tell with how many there was something to do."""
    async with composed(settings) as application:
        do = verb(application.fulfilment.runner)
        return sum([await do(saga_id) for saga_id in ids or await _stuck(application)])


async def _stuck(application: Application) -> Sequence[UUID]:
    found = await application.storage.open_sagas.list(needs_attention=True, limit=_MOST)
    return [saga.id for saga in found]
