"""What every payment store does outside of transactions (`core.payments.CommittedPayments`)."""

import asyncio
from uuid import uuid4

import pytest

from builders import NOON, a_payment, an_address, gbp
from builders.customers import a_customer
from contract.conftest import Storage
from quayside.adapters.memory import MemoryStore
from quayside.core.customers import Customer
from quayside.core.kernel import ConcurrencyConflictError, NestedTransactionError
from quayside.core.payments import (
    Cardholder,
    CommittedPayments,
    Payment,
    PaymentId,
    PaymentNotFoundError,
    PaymentQueries,
    PaymentStatus,
)

ADA = Cardholder(name="Ada Lovelace", address=an_address())


async def holder_of(storage: Storage, payment: Payment) -> Cardholder | None:
    async with storage.begin() as tx:
        return await tx.cardholders.find(payment.id)


async def a_saved_customer(storage: Storage) -> Customer:
    customer, registered = a_customer()
    async with storage.begin() as tx:
        await tx.customers.save(customer, registered)
    return customer


async def story_of(storage: Storage, payment: Payment) -> list[str]:
    recorded = await storage.events.read_stream(payment.stream)
    return [each.event.type_name() for each in recorded]


async def test_what_is_saved_alone_is_everybodys_at_once(
    storage: Storage, committed_payments: CommittedPayments, payments: PaymentQueries
) -> None:
    payment, received = a_payment(gbp("12.00"))

    await committed_payments.save(payment, received, holder=ADA)
    await committed_payments.save(payment, payment.authorize("auth_1", at=NOON))
    await committed_payments.save(payment, payment.capture(gbp("12.00"), at=NOON))

    found = await payments.get(payment.id)
    assert (found.status, found.captured, found.version) == (PaymentStatus.COMPLETED, gbp("12.00"), 3)
    assert (await committed_payments.get(payment.id)).version == payment.version == 3
    assert await story_of(storage, payment) == ["PaymentReceived", "PaymentAuthorized", "PaymentCaptured"]
    [entry] = await storage.journal.of_payment(payment.id)
    assert entry.balance("gateway_receivable") == 1200
    assert await holder_of(storage, payment) == ADA


async def test_it_goes_on_inside_a_transaction_and_back(
    storage: Storage, committed_payments: CommittedPayments
) -> None:
    payment, received = a_payment(gbp("10.00"))
    await committed_payments.save(payment, received)

    async with storage.begin() as tx:
        await tx.payments.save(payment, payment.authorize("auth_1", at=NOON))
    await committed_payments.save(payment, payment.capture(gbp("10.00"), at=NOON))

    assert (await committed_payments.get(payment.id)).version == 3


async def test_several_events_are_saved_at_once(
    storage: Storage, committed_payments: CommittedPayments
) -> None:
    payment, received = a_payment(gbp("10.00"))
    events = received, payment.authorize("auth_1", at=NOON), payment.capture(gbp("10.00"), at=NOON)

    await committed_payments.save(payment, *events, holder=ADA)

    assert (payment.version, (await committed_payments.get(payment.id)).version) == (3, 3)
    assert len(await storage.journal.of_payment(payment.id)) == 1


async def test_a_stale_save_is_refused_and_leaves_nothing(
    storage: Storage, committed_payments: CommittedPayments
) -> None:
    payment, received = a_payment(gbp("10.00"))
    await committed_payments.save(payment, received)
    stale = await committed_payments.get(payment.id)
    await committed_payments.save(payment, payment.authorize("auth_1", at=NOON))

    with pytest.raises(ConcurrencyConflictError) as refusal:
        await committed_payments.save(
            stale, stale.authorize("auth_2", at=NOON), stale.capture(gbp("10.00"), at=NOON)
        )

    assert (refusal.value.expected, refusal.value.actual) == (1, 2)
    assert (await committed_payments.get(payment.id)).authorization_id == "auth_1"
    assert await story_of(storage, payment) == ["PaymentReceived", "PaymentAuthorized"]
    assert await storage.journal.of_payment(payment.id) == []


async def test_what_is_there_already_is_not_begun_again(
    storage: Storage, committed_payments: CommittedPayments
) -> None:
    payment, received = a_payment()
    again, received_again = a_payment(id=payment.id)
    await committed_payments.save(payment, received, holder=ADA)

    with pytest.raises(ConcurrencyConflictError):
        await committed_payments.save(
            again, received_again, holder=Cardholder(name="Grace Hopper", address=None)
        )

    assert await holder_of(storage, payment) == ADA
    assert await story_of(storage, payment) == ["PaymentReceived"]


async def test_of_saves_that_race_one_wins(storage: Storage, committed_payments: CommittedPayments) -> None:
    payment, received = a_payment()
    await committed_payments.save(payment, received)
    rivals = [await committed_payments.get(payment.id) for _ in range(8)]

    outcomes = await asyncio.gather(
        *(committed_payments.save(each, each.authorize("auth_1", at=NOON)) for each in rivals),
        return_exceptions=True,
    )

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, ConcurrencyConflictError) for outcome in outcomes) == 7
    assert await story_of(storage, payment) == ["PaymentReceived", "PaymentAuthorized"]


async def test_it_is_refused_where_it_would_not_roll_back_with_the_rest(
    storage: Storage, committed_payments: CommittedPayments
) -> None:
    payment, received = a_payment()

    async with storage.begin():
        with pytest.raises(NestedTransactionError):
            await committed_payments.save(payment, received)

    with pytest.raises(PaymentNotFoundError):
        await committed_payments.get(payment.id)


async def test_what_there_is_not_or_is_deleted_is_not_found(
    storage: Storage, committed_payments: CommittedPayments
) -> None:
    payment, received = a_payment(gbp("10.00"))
    events = received, payment.authorize("auth_1", at=NOON), payment.capture(gbp("10.00"), at=NOON)
    async with storage.begin() as tx:
        await tx.payments.save(payment, *events, payment.delete(at=NOON))

    for unknown in (payment.id, PaymentId(uuid4())):
        with pytest.raises(PaymentNotFoundError):
            await committed_payments.get(unknown)


async def test_of_who_is_erased_no_holder_is_kept(
    storage: Storage, committed_payments: CommittedPayments
) -> None:
    customer = await a_saved_customer(storage)
    payment, received = a_payment(customer_id=customer.id)
    async with storage.begin() as tx:
        await tx.customers.erase(customer, customer.erase(at=NOON))

    await committed_payments.save(payment, received, holder=ADA)

    assert payment.version == 1
    assert await holder_of(storage, payment) is None


async def test_whoever_is_being_erased_is_waited_for(
    storage: Storage, committed_payments: CommittedPayments
) -> None:
    if isinstance(storage, MemoryStore):
        pytest.skip("nothing waits in memory")
    customer = await a_saved_customer(storage)
    payment, received = a_payment(customer_id=customer.id)
    under_way = asyncio.Event()

    async def erase() -> None:
        async with storage.begin() as tx:
            await tx.customers.erase(customer, customer.erase(at=NOON))
            under_way.set()
            await asyncio.sleep(0.05)

    async def save() -> None:
        await under_way.wait()
        await committed_payments.save(payment, received, holder=ADA)

    await asyncio.gather(erase(), save())

    assert payment.version == 1
    assert await holder_of(storage, payment) is None
