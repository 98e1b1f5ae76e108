"""PostgreSQL servers for the tests that need one, and databases on them that nobody else uses."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import quote, urlencode
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from disclosure import shown
from quayside.adapters.embedded import embedded_postgres
from quayside.adapters.postgres import migrate

SERVERS = [
    pytest.param("embedded", marks=pytest.mark.embedded),
    pytest.param("outside", marks=pytest.mark.server),
]
"""The servers that a test may run on; each has fixtures of its name with ``_server`` and ``_database`` after it."""

# What the embedded server holds need not outlive it.
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
_SETTINGS = {**_FORGETFUL, "max_prepared_transactions": "4"}

# Without triggers, and so without foreign keys: the tables come in no particular order.
_WITHOUT_TRIGGERS = sql.SQL("SET session_replication_role = replica")


@pytest.fixture(scope="session")
def embedded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our own server, one for all workers of the session."""
    folder = tmp_path_factory.getbasetemp()
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        server = embedded_postgres(folder, settings=_SETTINGS)
        url = runner.run(server.__aenter__())
        yield url
        runner.run(server.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def outside_server() -> str:
    """A server that runs anyway, at QUAYSIDE_TEST_POSTGRES_URL; it may be missing, but not in CI."""
    url = os.environ.get("QUAYSIDE_TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/postgres")
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if os.environ.get("CI"):
            pytest.fail(f"QUAYSIDE_TEST_POSTGRES_URL: {error}")
        pytest.skip(f"QUAYSIDE_TEST_POSTGRES_URL: {error}")
    return url


@contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    """A copy of *template*, which is empty, dropped at the end; gives its conninfo."""
    name = f"quayside_test_{uuid4().hex}"
    names = sql.Identifier(name), sql.Identifier(template)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        conninfo = make_conninfo(server, dbname=name)
        try:
            yield conninfo
            with psycopg.connect(conninfo) as inside:
                _show_rows(inside)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(*names))


@contextmanager
def copied_database(conninfo: str) -> Iterator[str]:
    """A copy of a database that nobody uses at the moment; each table has the number that it has there."""
    template = str(conninfo_to_dict(conninfo)["dbname"])
    # Not from template1: as long as somebody is connected to that, nobody can make a database.
    with new_database(make_conninfo(conninfo, dbname="postgres"), template) as copy:
        yield copy


@pytest.fixture(scope="session")
def embedded_database(embedded_server: str) -> Iterator[str]:
    """A database with the schema; a test that leaves rows leaves them to whoever comes next."""
    with new_database(embedded_server) as conninfo:
        asyncio.run(migrate(conninfo))
        yield conninfo


@pytest.fixture(scope="session")
def outside_database(outside_server: str) -> Iterator[str]:
    """As ``embedded_database``."""
    with new_database(outside_server) as conninfo:
        asyncio.run(migrate(conninfo))
        yield conninfo


@pytest.fixture(params=SERVERS)
def migrated_database(request: pytest.FixtureRequest) -> str:
    """As ``embedded_database``, on one server after the other."""
    conninfo: str = request.getfixturevalue(f"{request.param}_database")
    return conninfo


@pytest.fixture
def emptied_database(migrated_database: str) -> str:
    """As ``migrated_database``, without rows."""
    delete_all_rows(migrated_database)
    return migrated_database


@pytest.fixture(params=SERVERS)
def empty_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The conninfo of a database without a schema, for one test."""
    with new_database(request.getfixturevalue(f"{request.param}_server")) as conninfo:
        yield conninfo


def url_of(conninfo: str) -> str:
    """The same as a URL, as settings have it."""
    return f"postgresql:///?{urlencode(conninfo_to_dict(conninfo), quote_via=quote)}"


def delete_all_rows(conninfo: str, *, is_shown: bool = True) -> None:
    """
    Make a migrated database as good as new, in a fraction of the time that a new one takes.

    Args:
        is_shown: Whether secrets are looked for in what was there.
    """
    with psycopg.connect(conninfo) as connection:
        filled = _show_rows(connection) if is_shown else _tables(connection)
        deleting = (
            sql.SQL("DELETE FROM {}").format(sql.Identifier(table))
            for table in filled
            if table != "schema_migrations"
        )
        connection.execute(sql.SQL("; ").join([_WITHOUT_TRIGGERS, *deleting]))


def _show_rows(connection: psycopg.Connection) -> list[str]:
    """
    Show every row of every table; events with all that is recorded of them, which holds no hash either.

    Returns:
        The tables that have any.
    """
    tables = _tables(connection)
    texts = connection.execute(_all_rows(tables)).fetchall() if tables else []
    for table, text in texts:
        is_event = table == "events"
        shown("event" if is_event else f"table {table}", text, by_several=True, is_kept=not is_event)
    return [table for table, _ in texts]


def _tables(connection: psycopg.Connection) -> tuple[str, ...]:
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    return tuple(name for (name,) in names)


@cache
def _all_rows(tables: tuple[str, ...]) -> sql.Composed:
    rows_of = sql.SQL("SELECT {}, string_agg(row::text, E'\\n') FROM {} row HAVING count(*) > 0")
    each = (rows_of.format(sql.Literal(table), sql.Identifier(table)) for table in tables)
    return sql.SQL(" UNION ALL ").join(each)
