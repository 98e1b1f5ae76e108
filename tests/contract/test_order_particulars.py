"""What every keeper of what is personal of orders does (`ParticularsRepository`, `ParticularsQueries`)."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from builders import NOON, an_address
from builders.customers import a_customer
from builders.field_ciphers import OpenDatabase
from builders.transactions import GivenUpError
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.security.field_keys import FieldKey
from quayside.core.kernel import CustomerId
from quayside.core.ordering import OrderId, OrderStatus, Particulars, ParticularsQueries

Storage = MemoryStore | PostgresDatabase

HOME = an_address(house_name="Ockham Park", city="Woking")
CUSTOMER, OTHER = CustomerId(uuid4()), CustomerId(uuid4())


@pytest.fixture
def particulars(storage: Storage) -> ParticularsQueries:
    """Nothing is known."""
    return storage.order_particulars


async def kept(storage: Storage, customer_id: CustomerId = CUSTOMER) -> OrderId:
    order_id = OrderId(uuid4())
    async with storage.begin() as tx:
        await tx.order_particulars.add(order_id, customer_id, HOME)
    return order_id


async def explained(storage: Storage, order_id: OrderId) -> None:
    async with storage.begin() as tx:
        for status in (OrderStatus.CANCELLED, OrderStatus.SHIPPED, OrderStatus.DELIVERED):
            await tx.order_particulars.explain(order_id, status, f"Ada wants it {status}")


async def test_it_is_found_as_it_was_kept(storage: Storage, particulars: ParticularsQueries) -> None:
    order_id, other = await kept(storage), await kept(storage)
    async with storage.begin() as tx:
        await tx.order_particulars.explain(order_id, OrderStatus.SHIPPED, "Zwölf Rosen 🌹")
    async with storage.begin() as tx:
        await tx.order_particulars.explain(order_id, OrderStatus.DELIVERED, "at the neighbour's")
        await tx.order_particulars.explain(other, OrderStatus.CANCELLED, "too late")

    reasons = {OrderStatus.SHIPPED: "Zwölf Rosen 🌹", OrderStatus.DELIVERED: "at the neighbour's"}
    assert await particulars.of([order_id, OrderId(uuid4())]) == {order_id: Particulars(HOME, reasons)}
    assert (await particulars.of([other]))[other].reasons == {OrderStatus.CANCELLED: "too late"}
    assert await particulars.of([]) == {}


async def test_what_is_rolled_back_was_never_kept(storage: Storage, particulars: ParticularsQueries) -> None:
    order_id = OrderId(uuid4())
    with pytest.raises(GivenUpError):
        async with storage.begin() as tx:
            await tx.order_particulars.add(order_id, CUSTOMER, HOME)
            raise GivenUpError

    assert await particulars.of([order_id]) == {}


async def test_all_of_a_customer_is_erased_and_nothing_is_kept_of_them_afterwards(
    storage: Storage, particulars: ParticularsQueries
) -> None:
    ada, registered = a_customer()
    async with storage.begin() as tx:
        await tx.customers.save(ada, registered)
    erased = [await kept(storage, ada.id), await kept(storage, ada.id)]
    stays = await kept(storage)

    async with storage.begin() as tx:
        await tx.order_particulars.explain(erased[0], OrderStatus.CANCELLED, "Ada has moved")
        await tx.customers.erase(ada, ada.erase(at=NOON))
        await tx.order_particulars.erase_of(ada.id)
    late = await kept(storage, ada.id)
    async with storage.begin() as tx:
        await tx.order_particulars.explain(erased[1], OrderStatus.SHIPPED, "left with Ada's mother")
        await tx.order_particulars.explain(OrderId(uuid4()), OrderStatus.SHIPPED, "of no order")

    assert await particulars.of([*erased, late, stays]) == {stays: Particulars(HOME)}


@pytest.mark.parametrize("first", ["keeper", "eraser"])
async def test_nothing_is_left_of_an_order_that_is_placed_while_its_customer_is_erased(
    storage: Storage, particulars: ParticularsQueries, first: str
) -> None:
    if isinstance(storage, MemoryStore):
        pytest.skip("nothing waits in memory")
    ada, registered = a_customer()
    async with storage.begin() as tx:
        await tx.customers.save(ada, registered)
    order_id, under_way = OrderId(uuid4()), asyncio.Event()

    async def keep(*, slowly: bool) -> None:
        async with storage.begin() as tx:
            await tx.order_particulars.add(order_id, ada.id, HOME)
            await take_time(slowly=slowly)

    async def erase(*, slowly: bool) -> None:
        async with storage.begin() as tx:
            await tx.customers.erase(ada, ada.erase(at=NOON))
            await tx.order_particulars.erase_of(ada.id)
            await take_time(slowly=slowly)

    async def take_time(*, slowly: bool) -> None:
        if slowly:
            under_way.set()
            await asyncio.sleep(0.05)

    slow, quick = (keep, erase) if first == "keeper" else (erase, keep)
    holding = asyncio.create_task(slow(slowly=True))
    await under_way.wait()
    await quick(slowly=False)
    await holding

    assert await particulars.of([order_id]) == {}


async def test_it_is_not_shown_where_it_is_printed(storage: Storage, particulars: ParticularsQueries) -> None:
    order_id = await kept(storage)

    assert "Woking" not in repr(await particulars.of([order_id]))


async def test_the_database_shows_nothing_of_it(opened: OpenDatabase, conninfo: str) -> None:
    async with opened(FieldKey.generate()) as database:
        await explained(database, await kept(database))

    with psycopg.connect(conninfo) as connection:
        [(row,)] = connection.execute(
            "SELECT delivery_address || cancel_reason || ship_reason || deliver_reason FROM order_particulars"
        )
    assert not any(word in row for word in (b"Ada", b"Ockham", b"Woking", b"SW1Y"))


async def test_a_rotation_seals_every_field_anew_and_then_the_old_key_can_go(opened: OpenDatabase) -> None:
    old, new = FieldKey.generate(), FieldKey.generate()
    async with opened(old) as database:
        full, erased, plain = await kept(database), await kept(database, OTHER), await kept(database)
        await explained(database, full)
        async with database.begin() as tx:
            await tx.order_particulars.erase_of(OTHER)
        before = await database.order_particulars.of([full, erased, plain])

    async with opened(new, old) as database:
        [rotation] = [it for it in database.field_rotations if await it.outdated()]
        assert (await rotation.step(UUID(int=0), 10)).rotated == 2
        assert await rotation.outdated() == 0

    async with opened(new) as database:
        assert await database.order_particulars.of([full, erased, plain]) == before
    assert before.keys() == {full, plain}
