"""
A worker that says when its one subscription was given which event: ``log_worker.py URL (poll | notify)``.

The time is that of the monotonic clock, which all processes of a machine share.
"""

import asyncio
import random
import signal
import sys
from time import monotonic

from benchmarks.log_store import Credited, log_in, recorder
from quayside.adapters.postgres.transaction import PostgresTransaction
from quayside.core.eventlog import DeliverySurroundings, RecordedEvent, Subscription
from quayside.entrypoints.worker import Worker


async def _tell(_: PostgresTransaction, recorded: RecordedEvent) -> None:
    at = monotonic()
    assert isinstance(recorded.event, Credited)
    sys.stdout.write(f"{recorded.event.amount_minor} {at}\n")
    sys.stdout.flush()


async def _work(url: str, mode: str) -> None:
    async with log_in(url, connections=2) as database:
        worker = Worker[PostgresTransaction](
            at=DeliverySurroundings(
                begin=database.begin,
                follower=database.follower,
                reader=database.events,
                deferred=database.deferred_events,
                clock=recorder.clock,
                chance=random.random,
            ),
            register=database.subscriptions,
            subscriptions=[Subscription(name="measured", handle=_tell)],
            listen=database.listen if mode == "notify" else None,
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        await worker.run()


if __name__ == "__main__":
    asyncio.run(_work(*sys.argv[1:3]))
