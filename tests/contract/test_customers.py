"""What every store of customers does (`core.customers.CustomerRepository`, `CustomerQueries`)."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from builders.customers import a_customer
from builders.field_ciphers import OpenDatabase
from builders.payments import NOON
from quayside.adapters.security.field_keys import FieldKey
from quayside.core.customers import (
    Begin,
    Customer,
    CustomerFilter,
    CustomerNotFoundError,
    CustomerQueries,
)
from quayside.core.eventlog import EventReader
from quayside.core.kernel import (
    ConcurrencyConflictError,
    CustomerId,
    DateRange,
    FieldUnreadableError,
    PageRequest,
    Place,
    SliceRequest,
    UserId,
)
from quayside.core.payments import CustomersByEmail

LATER = NOON + timedelta(microseconds=1)
OLD, NEW = FieldKey.generate(), FieldKey.generate()


def facts(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in Customer.__slots__ if not name.startswith("_")}


async def saved(begin: Begin, **changes: Any) -> Customer:
    customer, registered = a_customer(**changes)
    async with begin() as tx:
        await tx.customers.save(customer, registered)
    return customer


async def erase(begin: Begin, customer: Customer) -> None:
    async with begin() as tx:
        await tx.customers.erase(customer, customer.erase(at=LATER))


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "Zoë 🌹", "last_name": "", "phone_number": None},
        {"created_by": UserId(uuid4()), "date_of_birth": date(1906, 12, 9)},
    ],
    ids=["texts", "maker"],
)
async def test_a_customer_is_read_as_it_was_saved(
    begin: Begin, customers: CustomerQueries, changes: dict[str, Any]
) -> None:
    customer = await saved(begin, **changes)

    assert facts(await customers.get(customer.id)) == facts(customer)
    async with begin() as tx:
        assert facts(await tx.customers.get(customer.id)) == facts(customer)


async def test_a_change_is_saved_beside_its_event(
    begin: Begin, customers: CustomerQueries, events: EventReader
) -> None:
    customer = await saved(begin)
    async with begin() as tx:
        changed = customer.change({"email": "new@example.com", "phone_number": None}, at=LATER)
        assert changed
        await tx.customers.save(customer, changed)

    assert facts(await customers.get(customer.id)) == facts(customer)
    assert customer.version == 2
    story = await events.read_stream(customer.stream)
    assert [each.event.type_name() for each in story] == ["CustomerRegistered", "CustomerChanged"]


async def test_who_is_erased_is_found_no_more_and_cannot_come_back(
    begin: Begin, customers: CustomerQueries
) -> None:
    customer = await saved(begin)
    again, registered = a_customer(id=customer.id)

    await erase(begin, customer)

    with pytest.raises(CustomerNotFoundError):
        await customers.get(customer.id)
    async with begin() as tx:
        with pytest.raises(CustomerNotFoundError):
            await tx.customers.get(customer.id)
    assert (await customers.list(CustomerFilter(), PageRequest())).total_count == 0
    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            await tx.customers.save(again, registered)


async def test_the_stale_neither_save_nor_erase(begin: Begin, customers: CustomerQueries) -> None:
    customer = await saved(begin)
    async with begin() as tx:
        stale = await tx.customers.get(customer.id)
        changed = customer.change({"email": "new@example.com"}, at=LATER)
        assert changed
        await tx.customers.save(customer, changed)

    with pytest.raises(ConcurrencyConflictError):
        await erase(begin, stale)
    stale.version = 1
    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            await tx.customers.save(stale, stale.erase(at=LATER))
    assert facts(await customers.get(customer.id)) == facts(customer)


async def test_what_is_rolled_back_did_not_happen(begin: Begin, customers: CustomerQueries) -> None:
    customer = await saved(begin)
    other, registered = a_customer()

    with pytest.raises(LookupError):
        async with begin() as tx:
            await tx.customers.save(other, registered)
            await tx.customers.erase(await tx.customers.get(customer.id), customer.erase(at=LATER))
            raise LookupError

    assert facts(await customers.get(customer.id))["version"] == 1
    with pytest.raises(CustomerNotFoundError):
        await customers.get(other.id)


async def test_a_list_is_newest_first_narrowed_and_goes_on_where_it_was(
    begin: Begin, customers: CustomerQueries
) -> None:
    mine, yesterday = UserId(uuid4()), NOON - timedelta(days=1)
    old = await saved(begin, created_by=mine, created_at=yesterday)
    foreign = await saved(begin)
    first, second = [await saved(begin, created_by=mine) for _ in range(2)]
    today = DateRange.of_days(NOON.date(), NOON.date())

    async def listed(wanted: CustomerFilter, page: PageRequest) -> list[CustomerId]:
        return [each.id for each in (await customers.list(wanted, page)).items]

    everybody = await customers.list(CustomerFilter(), PageRequest(page_size=2))
    rest = await customers.list_after(CustomerFilter(), SliceRequest(Place.of(everybody.items[-1]), 1))

    assert [each.id for each in everybody.items] == [second.id, first.id]
    assert everybody.total_count == 4
    assert ([each.id for each in rest.items], rest.has_next_page) == ([foreign.id], True)
    assert await listed(CustomerFilter(created_by=mine), PageRequest()) == [second.id, first.id, old.id]
    assert await listed(CustomerFilter(created_by=mine, created=today), PageRequest()) == [
        second.id,
        first.id,
    ]
    assert (await customers.list(CustomerFilter(), PageRequest(page=9))).total_count == 4


async def test_an_address_finds_its_customers_in_any_case_and_no_one_erased(
    begin: Begin, customers: CustomersByEmail
) -> None:
    mine = UserId(uuid4())
    first = await saved(begin, email="Ada@Example.com", created_by=mine)
    foreign, moved = await saved(begin), await saved(begin, email="grace@example.com")
    await erase(begin, await saved(begin))
    async with begin() as tx:
        changed = moved.change({"email": "ADA@example.com"}, at=LATER)
        assert changed
        await tx.customers.save(moved, changed)

    assert set(await customers.ids_by_email("aDa@example.com", None)) == {first.id, foreign.id, moved.id}
    assert set(await customers.ids_by_email("ada@example.com", mine)) == {first.id}
    assert not await customers.ids_by_email("grace@example.com", None)
    assert not await customers.ids_by_email("ada@example.co", None)


def stored(conninfo: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT * FROM customer ORDER BY id").fetchall()


async def test_the_database_shows_nothing_but_who_has_the_same_address(
    opened: OpenDatabase, conninfo: str
) -> None:
    async with opened(OLD) as database:
        await saved(database.begin)
        await saved(database.begin, email="ADA@example.com")
        await saved(database.begin, email="grace@example.com")

    rows = stored(conninfo)
    kept = b"".join(value for row in rows for value in row if isinstance(value, bytes))
    assert not any(word in kept for word in (b"Ada", b"Lovelace", b"example", b"2079460958", b"1990"))
    ada, capital, grace = ({value for value in row if isinstance(value, bytes)} for row in rows)
    assert len(ada & capital) == 1
    assert not ada & grace


async def test_what_was_moved_to_another_row_is_not_read(opened: OpenDatabase, conninfo: str) -> None:
    async with opened(OLD) as database:
        ada = await saved(database.begin)
        grace = await saved(database.begin, email="grace@example.com")
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                "UPDATE customer SET personal = (SELECT personal FROM customer WHERE id = %s) WHERE id = %s",
                (grace.id, ada.id),
            )

        with pytest.raises(FieldUnreadableError):
            await database.customers.get(ada.id)


async def test_a_rotation_seals_and_hashes_anew_and_then_the_old_key_can_go(
    opened: OpenDatabase, conninfo: str
) -> None:
    async with opened(OLD) as database:
        ada, erased = await saved(database.begin), await saved(database.begin)
        await erase(database.begin, erased)
        before = stored(conninfo)[0]

    async with opened(NEW, OLD) as database:
        [rotation] = [it for it in database.field_rotations if await it.outdated()]
        assert await database.customers.ids_by_email(ada.email, None) == [ada.id]
        outdated = await rotation.outdated()
        batch = await rotation.step(UUID(int=0), 10)
        left = await rotation.outdated()

    assert (outdated, batch.rotated, batch.unreadable, left) == (1, 1, (), 0)
    assert not set(filter(lambda value: isinstance(value, bytes), before)) & set(stored(conninfo)[0])
    async with opened(NEW) as database:
        assert facts(await database.customers.get(ada.id)) == facts(ada)
        assert await database.customers.ids_by_email(ada.email, None) == [ada.id]


async def test_a_rotation_and_an_erasure_at_once_leave_nothing(opened: OpenDatabase, conninfo: str) -> None:
    async with opened(OLD) as database:
        ada = await saved(database.begin)

    async with opened(NEW, OLD) as database:
        await asyncio.gather(erase(database.begin, ada), database.field_rotations[1].step(UUID(int=0), 10))

    assert not any(isinstance(value, bytes) for value in stored(conninfo)[0])
