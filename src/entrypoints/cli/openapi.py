"""`quayside openapi`."""

from pathlib import Path

import rich_click as click

from ..api import openapi_document
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
    description = json_text(openapi_document())
    if output is None:
        click.echo(description)
    else:
        output.write_text(description + "\n", encoding="utf-8")
