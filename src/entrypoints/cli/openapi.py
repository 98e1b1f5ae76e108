"""`quayside openapi`."""

import asyncio
from pathlib import Path
from typing import Any

import rich_click as click

from ..api import openapi_document
from ..composition import composed
from ..settings import Settings
from .output import json_text


@click.command()
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write to this file.",
)
def openapi(output: Path | None) -> None:
    """Print the description of the HTTP API."""
    description = json_text(asyncio.run(_document()))
    if output is None:
        click.echo(description)
    else:
        output.write_text(description + "\n", encoding="utf-8")


async def _document() -> dict[str, Any]:
    # The same whatever the settings, so no database is needed to say it.
    async with composed(Settings(storage="memory")) as application:
        return openapi_document(application)
