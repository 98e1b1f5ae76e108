"""Whoever keeps an event, it is looked at when it is recorded, and once more before its row is deleted."""

from builders.events import Noted
from disclosure import found, typed
from postgres_databases import delete_all_rows
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase

TYPED = "Eighth Antananarivo Dulcimer 26"


async def test_a_secret_in_an_event_is_found(
    storage: MemoryStore | PostgresDatabase, storage_url: str | None
) -> None:
    typed(TYPED)
    async with storage.begin() as tx:
        await tx.audit.record(None, Noted(TYPED))
    assert found() == [("event", TYPED)]

    if storage_url:
        delete_all_rows(storage_url)

    assert found() == [("event", TYPED)] * bool(storage_url)
