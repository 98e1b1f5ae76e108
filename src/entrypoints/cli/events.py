"""`quayside events`."""

import rich_click as click

from .parked import parked
from .tail import tail
from .trail import list_events, show
from .verify import verify


@click.group()
def events() -> None:
    """Look at the event log, and at what could not be handled."""


events.add_command(tail)
events.add_command(verify)
events.add_command(parked)
events.add_command(show)
events.add_command(list_events)
