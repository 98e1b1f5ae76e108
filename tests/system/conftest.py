"""What the system tests share."""

import signal
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from postgres_databases import (
    embedded_database,
    embedded_server,
    empty_database,
    new_database,
    outside_database,
    outside_server,
)

# pytest knows a fixture where its name is.
__all__ = ["embedded_database", "embedded_server", "empty_database", "outside_database", "outside_server"]


# A shell that runs us in the background has us ignore SIGINT, and so would all processes that we start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def database(embedded_server: str) -> Iterator[str]:
    """The URL of a database that the services of one file share."""
    with new_database(embedded_server) as conninfo:
        yield f"postgresql:///?{urlencode(conninfo_to_dict(conninfo), quote_via=quote)}"
