"""What it costs PostgreSQL to reserve: statements are planned once, however much stock there is."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from builders.events import OpenRecorder
from builders.stock import WAREHOUSE, StockRoom, lines
from postgres_databases import delete_all_rows
from quayside.adapters.memory import ManualClock
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.adapters.system import entropy
from quayside.core.eventlog import EventRegistry
from quayside.core.inventory import EVENTS
from quayside.core.kernel import Uuid7Factory

pytestmark = pytest.mark.embedded  # thousands of rows take a while to write

_FILL = """
INSERT INTO stock_level (sku, warehouse, on_hand) SELECT 'sku-' || n, %s, 1000000 FROM generate_series(1, 5000) AS n
"""
_PLANNED_ANEW = """
SELECT statement, custom_plans FROM pg_prepared_statements
WHERE generic_plans = 0 AND statement LIKE '%stock_level%'
"""


@pytest.fixture
async def database(embedded_database: str, clock: ManualClock) -> AsyncIterator[PostgresDatabase]:
    """Of one connection, with many SKUs."""
    delete_all_rows(embedded_database)
    async with await psycopg.AsyncConnection.connect(embedded_database, autocommit=True) as connection:
        await connection.execute(_FILL, (WAREHOUSE,))
        await connection.execute("ANALYZE stock_level")
    recorder = OpenRecorder(clock, Uuid7Factory(clock, entropy))
    codec = MsgspecEventCodec(EventRegistry(EVENTS))
    async with PostgresDatabase(
        embedded_database, codec, recorder, min_connections=1, max_connections=1
    ) as database:
        yield database
    delete_all_rows(embedded_database)


async def test_what_is_done_often_is_not_planned_each_time(
    database: PostgresDatabase, clock: ManualClock
) -> None:
    room = StockRoom(database, clock)

    for nth in range(15):
        held = await room.reserve(lines(**{f"sku-{nth + 1}": 1, "sku-100": 1, "sku-2000": 1 + 5_000 * nth}))
        await room.release(held.id)

    async with database.read() as connection:
        assert await (await connection.execute(_PLANNED_ANEW)).fetchall() == []
        prepared = await connection.execute(
            "SELECT count(*) AS statements FROM pg_prepared_statements WHERE statement LIKE '%stock_level%'"
        )
        assert await prepared.fetchone() == {"statements": 2}
