"""A process that keeps a view until it is killed: ``view_keeper.py CONNINFO``. Says so when it begins."""

import asyncio
import sys

from attrs import evolve

from builders.projections import SAYINGS, Gallery
from postgres_writers import CODEC, RECORDER
from quayside.adapters.postgres import PostgresDatabase


async def keep(conninfo: str) -> None:
    async with PostgresDatabase(conninfo, CODEC, RECORDER, min_connections=1) as database:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        await evolve(Gallery(database).worker(SAYINGS), lease_s=0.5).run()


if __name__ == "__main__":
    asyncio.run(keep(sys.argv[1]))
