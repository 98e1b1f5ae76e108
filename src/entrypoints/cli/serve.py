"""`quayside serve`."""

import rich_click as click

from .. import server
from .start import start


@click.command()
@click.option("--host", help="Address to listen on, instead of QUAYSIDE_HOST.")
@click.option("--port", help="TCP port to listen on, instead of QUAYSIDE_PORT; 0 takes a free one.")
@click.option("--no-worker", is_flag=True, help="Only answer requests; `quayside worker` reacts elsewhere.")
def serve(host: str | None, port: str | None, *, no_worker: bool) -> None:
    """
    Serve the HTTP API, and react to what happens.

    Starts the embedded PostgreSQL if no other database is named, brings the database up to date, and listens. The
    first SIGTERM or SIGINT lets the requests in flight finish; a second one ends the process at once.
    """
    server.serve(start(host=host, port=port), works=not no_worker)
