"""`quayside keys`."""

import asyncio
import sys
from uuid import UUID

import rich_click as click
from attrs import evolve, frozen
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..composition import FieldRotation, composed, jwt_key_rotation, new_field_key
from ..settings import Settings
from .output import error_console, json_option, print_json
from .start import start

_BATCH = 500


@click.group()
def keys() -> None:
    """Look after the keys of access tokens and of encrypted fields."""


@keys.command("rotate-jwt")
@json_option
def rotate_jwt(*, as_json: bool) -> None:
    """
    Sign access tokens with a new key from now on.

    The key before verifies until the last token that it signed has expired. This is for generated keys; those that are
    set are exchanged in the settings.
    """
    key_id = jwt_key_rotation(start())
    if as_json:
        print_json({"kid": key_id})
    else:
        click.echo(key_id)


@keys.command("rotate-fields")
@click.option("--new-key", is_flag=True, help="Make a new key first, if the keys are generated ones.")
@json_option
def rotate_fields(*, new_key: bool, as_json: bool) -> None:
    """
    Encrypt personal fields with the current key, whichever they are encrypted with.

    The service may go on meanwhile. Stopped half-way, it goes on where it was when it is run again. Once nothing is
    left, and every process runs with the new key, the old ones can be taken out of the settings.
    """
    settings = start()
    if new_key:
        new_field_key(settings)
    done = asyncio.run(_rotate(settings))
    if as_json:
        print_json({"rotated": done.rotated, "unreadable": done.unreadable})
    else:
        click.echo(f"{done.rotated} rotated, {done.unreadable} unreadable")
    if done.unreadable:
        sys.exit(1)


@frozen
class _Done:
    rotated: int = 0
    unreadable: int = 0


async def _rotate(settings: Settings) -> _Done:
    async with composed(settings) as application:
        done = _Done()
        for rotation in application.storage.field_rotations:
            done = await _walk(rotation, done)
        return done


async def _walk(rotation: FieldRotation, before: _Done) -> _Done:
    done, last = _Done(), UUID(int=0)
    columns = (TextColumn("encrypting anew"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error_console()) as progress:
        bar = progress.add_task("", total=await rotation.outdated())
        while True:
            batch = await rotation.step(last, _BATCH)
            for error in batch.unreadable:
                progress.console.print(str(error))
            done = evolve(
                done,
                rotated=done.rotated + batch.rotated,
                unreadable=done.unreadable + len(batch.unreadable),
            )
            progress.update(bar, completed=done.rotated + done.unreadable)
            if batch.last is None:
                return _Done(before.rotated + done.rotated, before.unreadable + done.unreadable)
            last = batch.last
