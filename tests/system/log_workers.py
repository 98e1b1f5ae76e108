"""
A process that reacts to the log until it is killed: ``log_workers.py CONNINFO FILE``.

It copies what is noted, each stream into one of its own, inside the transaction of the checkpoint; and it tells of it
outside of the database, a line an event at the end of FILE.
"""

import asyncio
import os
import random
import sys
from pathlib import Path
from typing import Any

from builders.events import notes
from builders.subscribers import NOTES, SubscriberTransaction, copies_of
from postgres_writers import CODEC, RECORDER
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.eventlog import DeliverySurroundings, ExternalSubscription, RecordedEvent, Subscription
from quayside.entrypoints.worker import Worker

LEASE_S = 1.0


async def copy(tx: SubscriberTransaction, recorded: RecordedEvent) -> None:
    await tx.events.append(copies_of(recorded.stream), notes(str(recorded.version)), None)


def worker_on(database: PostgresDatabase, told: Path) -> Worker[Any]:
    """Ready to be put to work."""

    async def tell(recorded: RecordedEvent) -> None:
        with told.open("a", encoding="utf-8") as file:  # a line is written as a whole
            file.write(f"{recorded.stream.id} {recorded.version}\n")

    return Worker(
        at=DeliverySurroundings(
            begin=database.begin,
            follower=database.follower,
            reader=database.events,
            deferred=database.deferred_events,
            clock=RECORDER.clock,
            chance=random.random,
        ),
        register=database.subscriptions,
        subscriptions=[
            Subscription(name="copies", of=NOTES, handle=copy),
            ExternalSubscription(name="told", of=NOTES, handle=tell),
        ],
        name=str(os.getpid()),
        listen=database.listen,
        lease_s=LEASE_S,
    )


async def work(conninfo: str, told: Path) -> None:
    async with PostgresDatabase(conninfo, CODEC, RECORDER) as database:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        await worker_on(database, told).run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2])))
