"""What is stored is looked at: an event when it is recorded, and every row before it is deleted."""

from builders import APPROVED, a_payment, a_user
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


async def test_a_card_number_in_a_row_is_found_and_a_hash_is_where_it_belongs(
    storage: MemoryStore | PostgresDatabase, storage_url: str | None
) -> None:
    payment, received = a_payment(description=f"by {APPROVED}")
    user = a_user(password_hash="$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
    async with storage.begin() as tx:
        await tx.payments.save(payment, received)
        await tx.users.save(user)
    assert found() == []

    if storage_url:
        delete_all_rows(storage_url)

    assert found() == [("table payment", APPROVED)] * bool(storage_url)
