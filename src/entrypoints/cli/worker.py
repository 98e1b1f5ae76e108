"""`quayside worker`."""

import asyncio
import signal

import rich_click as click
import structlog

from ..composition import composed, worker_of
from ..server import operations_served, run
from ..settings import Settings
from .start import start

_log = structlog.get_logger()


@click.command()
def worker() -> None:
    """
    React to what happens, beside those who serve.

    Settles payments whose outcome is open, and whatever else follows from events.

    Any number may run beside each other, and beside `quayside serve`, which has a worker of its own unless told
    otherwise: each subscription is run by one of them, and another takes over within seconds. The first SIGTERM or
    SIGINT lets it finish what is in hand; a second one ends the process at once.

    With QUAYSIDE_OPERATIONS_PORT it tells of its health and measurements there, as the API does.
    """
    run(_work(start()))


async def _work(settings: Settings) -> None:
    async with composed(settings) as application, operations_served(application):
        at_work = worker_of(application)

        def stop(sig: int) -> None:
            _log.info("stopping")
            loop.remove_signal_handler(sig)
            at_work.stop()

        loop = asyncio.get_running_loop()
        for sig in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sig, stop, sig)
        _log.info("at work", name=at_work.name)
        await at_work.run()
    _log.info("stopped")
