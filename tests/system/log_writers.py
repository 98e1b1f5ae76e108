"""
A process that appends to the log until it is killed: ``log_writers.py CONNINFO WRITERS``.

Says so when it begins. Each writer has a stream of its own, takes from no time to 40 ms from appending to committing,
and rolls every tenth transaction back; every third append is alone.
"""

import asyncio
import random
import sys
from contextlib import suppress
from itertools import count

from builders.events import a_stream, notes
from builders.transactions import GivenUpError
from postgres_writers import CODEC, RECORDER
from quayside.adapters.postgres import PostgresDatabase


async def write(database: PostgresDatabase, slowness_s: float) -> None:
    stream = a_stream()
    for number in count():
        if number % 3 == 0:
            await database.events.append(stream, notes(str(number)), None)
            continue
        with suppress(GivenUpError):
            async with database.begin() as tx:
                await tx.events.append(stream, notes(*map(str, range(number % 3 + 1))), None)
                await asyncio.sleep(slowness_s)
                if random.random() < 0.1:  # noqa: S311
                    raise GivenUpError


async def write_all(conninfo: str, writers: int) -> None:
    async with PostgresDatabase(
        conninfo, CODEC, RECORDER, min_connections=writers, max_connections=writers
    ) as database:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        await asyncio.gather(*(write(database, 0.04 * nth / writers) for nth in range(writers)))


if __name__ == "__main__":
    asyncio.run(write_all(sys.argv[1], int(sys.argv[2])))
