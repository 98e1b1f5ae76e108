"""What of a customer is kept elsewhere (`core.customers.PersonalRecords`), and that nothing of it outlives them."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from attrs import frozen
from httpx import AsyncClient
from psycopg import sql

from builders import a_payment, an_address
from builders.customers import CUSTOMERS, a_customer, a_customer_body
from builders.members import V1, a_login
from builders.payments import A_CUSTOMER, NOON
from builders.shop import (
    PAYMENTS,
    a_card_body,
    a_payment_body,
    an_application,
    serving,
    settings_of_a_shop,
)
from postgres_databases import delete_all_rows, url_of
from quayside.adapters.memory import ManualClock, MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.customers import Customer
from quayside.core.identity import Role
from quayside.core.kernel import CustomerId
from quayside.core.payments import Cardholder, Payment, PaymentId, PaymentReceived
from quayside.core.resilience import Claim, KeyTerms
from quayside.entrypoints.composition.field_keys import field_cipher

Storage = MemoryStore | PostgresDatabase

ADA = Cardholder(name="Ada Lovelace", address=an_address())
SEALED = {"customer", "payment_cardholder", "order_particulars", "idempotency_key"}
OTHERS = (CUSTOMERS, PAYMENTS, f"{PAYMENTS}/report", "/metrics")
TERMS = KeyTerms(timedelta(seconds=40), timedelta(hours=24))


async def saved(storage: Storage) -> Customer:
    customer, registered = a_customer()
    async with storage.begin() as tx:
        await tx.customers.save(customer, registered)
    return customer


async def erase(storage: Storage, customer: Customer) -> None:
    async with storage.begin() as tx:
        await tx.customers.erase(customer, customer.erase(at=NOON))
        for records in tx.personal_records:
            await records.erase_of(customer.id)


async def paid(storage: Storage, customer_id: CustomerId) -> PaymentId:
    payment, received = a_payment(customer_id=customer_id)
    async with storage.begin() as tx:
        await tx.payments.save(payment, received, holder=ADA)
    return payment.id


async def holder_of(storage: Storage, payment_id: PaymentId) -> Cardholder | None:
    async with storage.begin() as tx:
        return await tx.cardholders.find(payment_id)


async def answered(storage: Storage, customer_id: CustomerId | None, *, key: bytes = b"k") -> Claim:
    """An operation whose answer is kept under *key*."""
    keys = storage.idempotency_keys(ManualClock(NOON), TERMS)
    claim = await keys.claim(key, b"asked", uuid4())
    assert isinstance(claim, Claim)
    await keys.keep(claim, b"Ada Lovelace", customer_id=customer_id)
    return claim


async def claimed_again(storage: Storage, *, key: bytes = b"k") -> Claim | bytes:
    return await storage.idempotency_keys(ManualClock(NOON), TERMS).claim(key, b"asked", uuid4())


async def test_the_cardholders_of_a_customers_payments_go_and_no_others(storage: Storage) -> None:
    ada, grace = await saved(storage), await saved(storage)
    of_ada = [await paid(storage, ada.id) for _ in range(2)]
    of_others = [await paid(storage, grace.id), await paid(storage, A_CUSTOMER)]

    await erase(storage, ada)

    assert [await holder_of(storage, each) for each in of_ada] == [None, None]
    assert [await holder_of(storage, each) for each in of_others] == [ADA, ADA]
    assert (await storage.payments.get(of_ada[0])).customer_id == ada.id


async def test_of_who_is_erased_no_cardholder_is_kept_any_more(storage: Storage) -> None:
    ada = await saved(storage)
    await erase(storage, ada)

    assert await holder_of(storage, await paid(storage, ada.id)) is None


async def test_what_is_rolled_back_erases_nothing(storage: Storage) -> None:
    ada = await saved(storage)
    payment_id = await paid(storage, ada.id)
    await answered(storage, ada.id)

    with pytest.raises(LookupError):
        async with storage.begin() as tx:
            await tx.customers.erase(ada, ada.erase(at=NOON))
            for records in tx.personal_records:
                await records.erase_of(ada.id)
            raise LookupError

    assert await holder_of(storage, payment_id) == ADA
    assert await claimed_again(storage) == b"Ada Lovelace"


async def test_an_answer_about_a_customer_goes_and_who_asks_again_goes_on_with_it(storage: Storage) -> None:
    ada, grace = await saved(storage), await saved(storage)
    first = await answered(storage, ada.id)
    await answered(storage, grace.id, key=b"of grace")
    await answered(storage, None, key=b"of nobody")

    await erase(storage, ada)

    again = await claimed_again(storage)
    assert isinstance(again, Claim)
    assert again.operation_id == first.operation_id
    assert await claimed_again(storage, key=b"of grace") == b"Ada Lovelace"
    assert await claimed_again(storage, key=b"of nobody") == b"Ada Lovelace"


async def test_an_answer_that_comes_after_the_erasure_is_not_kept(storage: Storage) -> None:
    ada = await saved(storage)
    await erase(storage, ada)
    await answered(storage, ada.id)

    later = storage.idempotency_keys(ManualClock(NOON + TERMS.lease), TERMS)
    assert isinstance(await later.claim(b"k", b"asked", uuid4()), Claim)


@pytest.mark.parametrize("order", ["keeper first", "eraser first"])
async def test_whoever_keeps_something_while_the_customer_is_erased_leaves_nothing(
    storage: Storage, order: str
) -> None:
    if isinstance(storage, MemoryStore):
        pytest.skip("nothing waits in memory")
    ada = await saved(storage)
    payment, received = a_payment(customer_id=ada.id)
    under_way = asyncio.Event()

    async def keep() -> None:
        async with storage.begin() as tx:
            await _store(tx, payment, received)
            under_way.set()
            await asyncio.sleep(0.05)

    async def erase_slowly() -> None:
        async with storage.begin() as tx:
            await tx.customers.erase(ada, ada.erase(at=NOON))
            for records in tx.personal_records:
                await records.erase_of(ada.id)
            under_way.set()
            await asyncio.sleep(0.05)

    async def second(work: Any) -> None:
        await under_way.wait()
        await work

    if order == "keeper first":
        await asyncio.gather(keep(), second(erase(storage, ada)))
    else:
        await asyncio.gather(erase_slowly(), second(_kept(storage, payment, received)))

    assert await holder_of(storage, payment.id) is None


async def _store(tx: Any, payment: Payment, received: PaymentReceived) -> None:
    await tx.payments.save(payment, received, holder=ADA)


async def _kept(storage: Storage, payment: Payment, received: PaymentReceived) -> None:
    async with storage.begin() as tx:
        await _store(tx, payment, received)


async def test_a_kept_answer_about_a_customer_is_encrypted_and_rotated_as_all_else(storage: Storage) -> None:
    if isinstance(storage, MemoryStore):
        pytest.skip("nothing is encrypted in memory")
    ada = await saved(storage)
    claim = await answered(storage, ada.id)

    async with storage.read() as connection:
        row = await (await connection.execute("SELECT answer FROM idempotency_key")).fetchone()
        # The key's id begins with the second byte; this makes it that of another.
        await connection.execute(
            "UPDATE idempotency_key SET answer = set_byte(answer, 1, get_byte(answer, 1) # 255)"
        )

    assert row is not None
    assert b"Ada" not in row["answer"]
    batches = [await rotation.step(UUID(int=0), 10) for rotation in storage.field_rotations]
    seen = [(batch.last, batch.rotated, len(batch.unreadable)) for batch in batches if batch.last]
    assert seen == [(claim.operation_id, 0, 1)]


PERSONAL = (
    "Zuzanna",
    "Wiśniewska",
    "zuzanna@example.org",
    "48221234567",
    "1987-06-05",
    "Ujazdowskie",
    "E1 6AN",
)


@frozen
class Dump:
    """Everything that is in a database."""

    conninfo: str

    def found(self, *words: str) -> list[tuple[str, str]]:
        """In which tables which of *words* stand, in the clear."""
        return [
            (table, word)
            for table, row in self._rows()
            for word in words
            for value in row
            if word in (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
        ]

    def sealed(self, head: bytes) -> list[str]:
        """In which tables something is that the key of *head* has sealed."""
        return [
            table
            for table, row in self._rows()
            if any(isinstance(value, bytes) and value.startswith(head) for value in row)
        ]

    def _rows(self) -> list[tuple[str, tuple[Any, ...]]]:
        with psycopg.connect(self.conninfo) as connection:
            names = connection.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            ).fetchall()
            return [
                (table, row)
                for (table,) in names
                for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
            ]


async def test_nothing_personal_of_who_was_erased_is_in_the_database_logs_or_answers(
    embedded_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    delete_all_rows(embedded_database)
    dump = Dump(embedded_database)
    settings = settings_of_a_shop(
        storage="postgres", database_url=url_of(embedded_database), data_dir=tmp_path
    )
    first, last, email, phone, born, street, postcode = PERSONAL
    body = a_customer_body(
        first_name=first, last_name=last, email=email, phone_number=f"+{phone}", date_of_birth=born
    )
    address = {"house_number": "9", "address_line1": street, "city": "London", "postcode": postcode}
    async with an_application(settings) as application:
        login = await a_login(application.identity, "staff", Role.ADMIN)
        client = serving(application, login.token.reveal())
        customer = (await client.post(CUSTOMERS, json=body, headers={"Idempotency-Key": "c"})).json()
        path = f"{CUSTOMERS}/{customer['id']}"
        payment = await client.post(
            PAYMENTS,
            json=a_payment_body(
                customer_id=customer["id"],
                address_details=address,
                paying_card_details=a_card_body(cardholder_name=f"{first} {last}"),
            ),
            headers={"Idempotency-Key": "p"},
        )
        payment_path = f"{PAYMENTS}/{payment.json()['id']}"
        order_path = await _order_of(client, customer["id"], address)
        await client.patch(path, json={"last_name": f"{last}-King"})
        head = field_cipher(settings).current_head
        assert dump.found(*PERSONAL) == []
        assert set(dump.sealed(head)) == SEALED

        assert (await client.delete(path)).status_code == 204

        answers = [
            await client.get(address)
            for address in (path, payment_path, order_path, f"{order_path}/events", *OTHERS)
        ]
        answers.append(await client.post(CUSTOMERS, json=body, headers={"Idempotency-Key": "c"}))
        statuses = [answer.status_code for answer in answers]

    assert statuses == [404, *[200] * 7, 404]
    assert answers[1].json() == payment.json()
    assert dump.found(*PERSONAL) == []
    assert dump.sealed(head) == []
    logged = capsys.readouterr()
    shown = [logged.out, logged.err, *(answer.text for answer in answers)]
    assert not [word for text in shown for word in PERSONAL if word in text]


async def _order_of(client: AsyncClient, customer_id: str, address: dict[str, str]) -> str:
    """Where an order is that went to *address*, and was cancelled because of whom it was for."""
    product = {"sku": "POT", "name": "A pot", "price": "5.00", "currency": "GBP"}
    await client.post(f"{V1}/products", json=product)
    order = await client.post(
        f"{V1}/orders",
        json={
            "customer_id": customer_id,
            "items": [{"sku": "POT", "quantity": 1}],
            "delivery_address": address,
            "payment": {"paying_card_details": a_card_body()},
        },
        headers={"Idempotency-Key": "o"},
    )
    path = f"{V1}/orders/{order.json()['id']}"
    reason = {"reason": f"{PERSONAL[0]} has moved"}
    cancelled = await client.post(f"{path}/cancel", json=reason, headers={"Idempotency-Key": "o"})
    assert cancelled.status_code == 200, cancelled.text
    return path
