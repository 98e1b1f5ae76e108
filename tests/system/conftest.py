"""What the system tests share."""

import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from postgres_databases import (
    embedded_database,
    embedded_server,
    empty_database,
    migrated_database,
    new_database,
    outside_database,
    outside_server,
    url_of,
)
from system.cuttable_link import CuttableLink

# pytest knows a fixture where its name is.
__all__ = [
    "embedded_database",
    "embedded_server",
    "empty_database",
    "migrated_database",
    "outside_database",
    "outside_server",
]


# A shell that runs us in the background has us ignore SIGINT, and so would all processes that we start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def database(embedded_server: str) -> Iterator[str]:
    """The URL of a database that the services of one file share."""
    with new_database(embedded_server) as conninfo:
        yield url_of(conninfo)


@pytest.fixture
async def link(migrated_database: str) -> AsyncIterator[CuttableLink]:
    """To a database with the schema."""
    async with CuttableLink(migrated_database).running() as link:
        yield link
