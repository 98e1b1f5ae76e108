"""`quayside migrate`."""

import asyncio

import rich_click as click

from ..composition import migrate_database
from .output import json_option, print_json
from .start import start


@click.command()
@click.option("--dry-run", is_flag=True, help="Tell which steps are due, and take none.")
@json_option
def migrate(*, dry_run: bool, as_json: bool) -> None:
    """
    Bring the database up to date.

    `quayside serve` does so by itself when it starts. Several may do it at once: one works, the others wait.
    """
    steps = asyncio.run(migrate_database(start(), dry_run=dry_run))
    if as_json:
        print_json({"dry_run": dry_run, "steps": steps})
        return
    for step in steps:
        click.echo(f"{'due' if dry_run else 'taken'}: {step}")
    if not steps:
        click.echo("The database is up to date.")
