"""Writers to the log in PostgreSQL that keep their transactions open, and what a follower finds meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import DictRow, dict_row

from builders.events import Noted, OpenRecorder, a_stream, notes
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.postgres.event_log import PostgresEventLog
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.core.eventlog import EventRegistry, LogFollower, Stretch

CODEC = MsgspecEventCodec(EventRegistry([Noted]))
RECORDER = OpenRecorder(lambda: datetime.now(UTC), uuid4)

Session = AsyncConnection[DictRow]


@asynccontextmanager
async def session(conninfo: str) -> AsyncIterator[Session]:
    """A connection whose transaction begins with its first statement, and is rolled back if nobody ends it."""
    connection = await AsyncConnection.connect(conninfo, row_factory=dict_row)
    try:
        yield connection
        with suppress(OperationalError):  # it may have been ended
            await connection.rollback()  # which has happened when this returns, as after a close it has not
    finally:
        await connection.close()


async def drawn(connection: Session, *texts: str) -> None:
    """Append without a commit."""
    await PostgresEventLog(connection, CODEC).append(a_stream(), notes(*texts), None)


async def committed(database: PostgresDatabase, *texts: str) -> None:
    async with database.begin() as tx:
        await tx.events.append(a_stream(), notes(*texts), None)


async def terminate(database: PostgresDatabase, pids: list[int]) -> None:
    """End the sessions of *pids* as a SIGKILLed client or a restarting server does, and wait until they have ended."""
    async with database.read() as connection:
        await connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) AS pid", (pids,))


def texts(stretch: Stretch) -> list[str]:
    return [each.event.text for each in stretch.events]  # type: ignore[attr-defined]


async def what_follows(follower: LogFollower, position: int) -> tuple[list[str], bool]:
    """The texts after *position*, and whether a gap is why there are no more."""
    stretch = await follower.read(after_position=position)
    return texts(stretch), stretch.gap
