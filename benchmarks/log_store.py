"""The log that is measured: its event, and a PostgreSQL that flushes commits."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from quayside.adapters.embedded import embedded_postgres
from quayside.adapters.postgres import PostgresDatabase, migrate
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.adapters.system import entropy, utc_now
from quayside.core.eventlog import Event, EventRegistry, Recorder
from quayside.core.kernel import Uuid7Factory

FACTS = ("invoice 2026-0815", 19_99, "GBP")


@frozen
class Credited(Event):
    """Ours: money came in."""

    reference: str
    amount_minor: int
    currency: str


recorder = Recorder(utc_now, Uuid7Factory(utc_now, entropy))


@contextmanager
def server(runner: asyncio.Runner) -> Iterator[str]:
    """A new one with our schema, of no setting that makes it faster and less safe."""
    with TemporaryDirectory() as folder:
        postgres = embedded_postgres(Path(folder))
        url = runner.run(postgres.__aenter__())
        runner.run(migrate(url))
        yield url
        runner.run(postgres.__aexit__(None, None, None))


def log_in(url: str, *, connections: int) -> PostgresDatabase:
    """The database of *url*, not open yet."""
    return PostgresDatabase(
        url,
        MsgspecEventCodec(EventRegistry([Credited])),
        recorder,
        min_connections=connections,
        max_connections=connections,
    )
