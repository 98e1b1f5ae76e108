"""How the schema gets to where a release needs it."""

import asyncio
import sys
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from quayside.adapters.postgres import DatabaseConnectionError, MigrationError, migrate, pending
from quayside.adapters.postgres.migration import Migration, shipped

TAGS = Migration(1, "0001_tags", "CREATE TABLE tag (name text); INSERT INTO tag VALUES ('first')")
COLOUR = Migration(2, "0002_colour", "ALTER TABLE tag ADD COLUMN colour text")
INDEX = Migration(
    3, "0003_index", "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS tag_name ON tag (name)"
)

MIGRATE = """
import asyncio, sys
from pathlib import Path
from quayside.adapters.postgres import migrate
from quayside.adapters.postgres.migration import shipped
asyncio.run(migrate(sys.argv[1], shipped(Path(sys.argv[2]))))
"""


async def migrating(conninfo: str, folder: Path) -> asyncio.subprocess.Process:
    """A process of its own that takes the steps in *folder*."""
    return await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, conninfo, str(folder))


def written(folder: Path, *migrations: Migration) -> Path:
    for migration in migrations:
        (folder / f"{migration.name}.sql").write_text(migration.sql)
    return folder


def column(conninfo: str, query: LiteralString) -> list[object]:
    with psycopg.connect(conninfo) as connection:
        return [value for (value,) in connection.execute(query)]


def tags(conninfo: str) -> list[object]:
    return column(conninfo, "SELECT name FROM tag")


async def somebody_waits(connection: psycopg.Connection) -> None:
    """Return once somebody waits for the advisory lock 42 of this database; others may have one of theirs."""
    waiting = (
        "SELECT 1 FROM pg_locks JOIN pg_database ON oid = database"
        " WHERE datname = current_database() AND locktype = 'advisory' AND objid = 42 AND NOT granted"
    )
    while True:
        if connection.execute(waiting).fetchone():
            return
        await asyncio.sleep(0.02)


async def test_an_empty_database_takes_every_step_of_this_release_once(empty_database: str) -> None:
    steps = shipped()

    assert await pending(empty_database) == steps
    assert await migrate(empty_database) == steps
    assert await pending(empty_database) == ()
    assert await migrate(empty_database) == ()


async def test_later_steps_follow_on_earlier_ones(empty_database: str) -> None:
    assert await migrate(empty_database, [TAGS]) == (TAGS,)
    assert await pending(empty_database, [TAGS, COLOUR, INDEX]) == (COLOUR, INDEX)
    assert await migrate(empty_database, [TAGS, COLOUR, INDEX]) == (COLOUR, INDEX)

    assert tags(empty_database) == ["first"]


async def test_to_look_what_is_pending_changes_nothing(empty_database: str) -> None:
    await pending(empty_database)

    assert column(empty_database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


async def test_eight_processes_that_start_at_once_take_each_step_once(
    empty_database: str, tmp_path: Path
) -> None:
    folder = written(tmp_path, TAGS, COLOUR, INDEX)

    processes = [await migrating(empty_database, folder) for _ in range(8)]
    exits = await asyncio.wait_for(asyncio.gather(*(process.wait() for process in processes)), 60)

    assert exits == [0] * 8
    assert tags(empty_database) == ["first"]
    assert column(empty_database, "SELECT number FROM schema_migrations ORDER BY number") == [1, 2, 3]


async def test_a_run_that_was_killed_midway_is_taken_up_by_the_next(
    empty_database: str, tmp_path: Path
) -> None:
    second_tag = "INSERT INTO tag VALUES ('second'); SELECT pg_advisory_xact_lock(42)"
    folder = written(tmp_path, TAGS, Migration(2, "0002_second_tag", second_tag))

    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(42)")
        process = await migrating(empty_database, folder)
        await asyncio.wait_for(somebody_waits(connection), 30)
        process.kill()
        await process.wait()
    assert tags(empty_database) == ["first"]

    taken = await asyncio.wait_for(migrate(empty_database, shipped(folder)), 30)

    assert [step.number for step in taken] == [2]
    assert tags(empty_database) == ["first", "second"]


async def test_a_step_that_fails_leaves_nothing_behind_and_is_taken_when_mended(empty_database: str) -> None:
    broken = Migration(2, "0002_colour", "INSERT INTO tag VALUES ('half'); SELECT 1 / 0")

    with pytest.raises(MigrationError, match="0002_colour"):
        await migrate(empty_database, [TAGS, broken])
    assert tags(empty_database) == ["first"]

    assert await migrate(empty_database, [TAGS, COLOUR]) == (COLOUR,)


async def test_a_step_outside_a_transaction_is_taken_again_when_it_was_not_recorded(
    empty_database: str,
) -> None:
    await migrate(empty_database, [TAGS, COLOUR, INDEX])
    with psycopg.connect(empty_database) as connection:
        connection.execute("DELETE FROM schema_migrations WHERE number = 3")

    assert await migrate(empty_database, [TAGS, COLOUR, INDEX]) == (INDEX,)


async def test_a_file_is_sent_as_it_is(empty_database: str) -> None:
    sql = r"""
        CREATE TABLE tag (name text);
        INSERT INTO tag VALUES (E'it\'s; ok'), ('100 %s; %(x)s -- no comment');
        CREATE FUNCTION twice() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'a;'; RETURN ';b'; END $$;
    """

    await migrate(empty_database, [Migration(1, "0001_quotes", sql)])

    assert tags(empty_database) == ["it's; ok", "100 %s; %(x)s -- no comment"]


async def test_a_step_edited_after_it_was_taken_is_refused(empty_database: str) -> None:
    await migrate(empty_database, [TAGS])
    edited = Migration(1, TAGS.name, TAGS.sql + " ")

    for look in (migrate, pending):
        with pytest.raises(MigrationError, match="edited"):
            await look(empty_database, [edited, COLOUR])


async def test_a_database_ahead_of_the_release_is_refused(empty_database: str) -> None:
    await migrate(empty_database, [TAGS, COLOUR])

    for look in (migrate, pending):
        with pytest.raises(MigrationError, match="0002_colour"):
            await look(empty_database, [TAGS])


async def test_steps_taken_out_of_order_are_refused(empty_database: str) -> None:
    await migrate(empty_database, [TAGS, COLOUR])
    with psycopg.connect(empty_database) as connection:
        connection.execute("DELETE FROM schema_migrations WHERE number = 1")

    with pytest.raises(MigrationError):
        await migrate(empty_database, [TAGS, COLOUR])


@pytest.mark.parametrize(
    "files",
    [
        ["0002_late.sql"],
        ["0001_a.sql", "0003_c.sql"],
        ["0001_a.sql", "0001_b.sql"],
        ["0001_a.txt"],
        ["1_a.sql"],
    ],
    ids=" ".join,
)
def test_files_with_a_gap_a_double_or_another_name_are_refused(tmp_path: Path, files: list[str]) -> None:
    for file in files:
        (tmp_path / file).write_text("SELECT 1")

    with pytest.raises(MigrationError):
        shipped(tmp_path)


async def test_a_database_that_cannot_be_reached_is_told_apart() -> None:
    with pytest.raises(DatabaseConnectionError):
        await migrate("postgresql://nobody@127.0.0.1:1/nothing")
