"""
Bring the schema to what this release needs: forward only, each step once.

A step is a file ``migrations/0001_what_it_does.sql``, numbered without gaps and never edited once released. It is sent
as it is and recorded in the same transaction, so it happened as a whole or not at all. A file whose first line is
``-- no-transaction`` (an index built CONCURRENTLY) holds one statement, which must bear to be run again: it can be
interrupted between happening and being recorded.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import nullcontext
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import psycopg
from attrs import field, frozen

from .connection import Connection, atomic, connection_options
from .errors import DatabaseError, MigrationError, translated_errors

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")
_LOCK = 0x71756179  # "quay"; the advisory lock of whoever migrates a database
_LOOK_AGAIN_S = 0.05


@frozen
class Migration:
    """
    One step of the schema.

    Args:
        number: Its place, from 1 without gaps.
        name: Its file's name without the ending.
    """

    number: int
    name: str
    sql: str = field(repr=False)

    @property
    def checksum(self) -> str:
        """The SHA-256 of its text, by which an edited file is found out."""
        return sha256(self.sql.encode()).hexdigest()

    @property
    def is_transactional(self) -> bool:
        """Whether it happens in one transaction with its record."""
        return not self.sql.startswith("-- no-transaction\n")


def shipped(folder: Traversable | None = None) -> tuple[Migration, ...]:
    """
    The steps in *folder*, by default this release's, in order.

    Raises:
        MigrationError: a file is not named like one, or a number is missing or given twice.
    """
    folder = folder or files(__package__).joinpath("migrations")
    migrations: list[Migration] = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        name = _FILE.fullmatch(file.name)
        if name is None or int(name[1]) != len(migrations) + 1:
            raise MigrationError(
                "This file is not the next migration.", file=file.name, next=len(migrations) + 1
            )
        migrations.append(Migration(int(name[1]), file.name.removesuffix(".sql"), file.read_text("utf-8")))
    return tuple(migrations)


async def migrate(conninfo: str, migrations: Sequence[Migration] | None = None) -> tuple[Migration, ...]:
    """
    Take every step the database has not taken, and return those.

    Any number of processes may do so at once: one works, the others wait for it and find nothing left to do.

    Args:
        conninfo: As `PostgresDatabase` takes it.
        migrations: All steps there are, by default this release's.

    Raises:
        MigrationError: the database took a step that is unknown here or was edited since, or a step failed.
        DatabaseConnectionError: the database cannot be reached.
    """
    migrations = shipped() if migrations is None else migrations
    async with await _connect(conninfo) as connection:
        await _lock(connection)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY, name text NOT NULL,"
            " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        due = await _due(connection, migrations)
        for migration in due:
            await _apply(connection, migration)
    return due


async def pending(conninfo: str, migrations: Sequence[Migration] | None = None) -> tuple[Migration, ...]:
    """
    The steps that `migrate` would take; changes nothing.

    Raises:
        MigrationError: the database took a step that is unknown here or was edited since.
        DatabaseConnectionError: the database cannot be reached.
    """
    async with await _connect(conninfo) as connection:
        return await _due(connection, shipped() if migrations is None else migrations)


async def _connect(conninfo: str) -> Connection:
    with translated_errors():
        return await psycopg.AsyncConnection.connect(**connection_options(conninfo, connect_timeout_s=5))


async def _lock(connection: Connection) -> None:
    # The connection's end releases it, however that comes. Whoever waits asks again and again, because a statement
    # that waits inside the server would hold a snapshot, for whose end CREATE INDEX CONCURRENTLY waits in turn.
    while True:
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s) AS mine", (_LOCK,))).fetchone()
        if row is not None and row["mine"]:
            return
        await asyncio.sleep(_LOOK_AGAIN_S)


async def _due(connection: Connection, migrations: Sequence[Migration]) -> tuple[Migration, ...]:
    row = await (await connection.execute("SELECT to_regclass('schema_migrations') AS oid")).fetchone()
    if row is None or row["oid"] is None:
        return tuple(migrations)
    taken = await connection.execute("SELECT number, name, checksum FROM schema_migrations ORDER BY number")
    steps = await taken.fetchall()
    for nth, step in enumerate(steps):
        known = migrations[nth] if nth < len(migrations) else None
        if known is None or step["number"] != known.number:
            raise MigrationError(
                "The database took a step that this release does not know.", step=step["name"]
            )
        if step["checksum"] != known.checksum:
            raise MigrationError("This step was edited after the database took it.", step=step["name"])
    return tuple(migrations[len(steps) :])


async def _apply(connection: Connection, migration: Migration) -> None:
    try:
        async with atomic(connection) if migration.is_transactional else nullcontext():
            await connection.execute(migration.sql.encode())
            await connection.execute(
                "INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)",
                (migration.number, migration.name, migration.checksum),
            )
    except DatabaseError as error:
        raise MigrationError("A step failed.", step=migration.name) from error
