"""What every store books (`core.payments.JournalQueries`), and what PostgreSQL refuses to have booked."""

from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import psycopg
import pytest

from builders import NOON, a_payment, gbp
from builders.events import OpenRecorder
from contract.conftest import Storage
from postgres_databases import copied_database
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.postgres.migration import shipped
from quayside.adapters.serialization import MsgspecEventCodec
from quayside.adapters.system import utc_now
from quayside.core.eventlog import Event, EventRegistry
from quayside.core.kernel import ConcurrencyConflictError, Money
from quayside.core.payments import (
    EVENTS,
    JournalEntry,
    JournalQueries,
    Payment,
    PaymentFailure,
    PaymentId,
    PaymentStatus,
    Refund,
    RefundId,
    Totals,
)

Step = Callable[[Payment], Event]


@pytest.fixture
def journal(storage: Storage) -> JournalQueries:
    """The committed journal."""
    return storage.journal


async def a_held_payment(storage: Storage, amount: Money | None = None) -> Payment:
    payment, received = a_payment(amount or gbp("20.00"))
    async with storage.begin() as tx:
        await tx.payments.save(payment, received, payment.authorize("auth_1", at=NOON))
    return payment


async def is_refunded(storage: Storage, payment: Payment, amount: Money) -> None:
    refund = Refund(id=RefundId(uuid4()), payment_id=payment.id, amount=amount, created_at=NOON)
    key = f"key-{refund.id}"
    async with storage.begin() as tx:
        await tx.refunds.save(refund)
        await tx.payments.save(payment, payment.ask_to_refund(refund, key=key))
    attempt = payment.attempt(key)
    assert attempt
    async with storage.begin() as tx:
        await tx.payments.save(payment, payment.refund(attempt, at=NOON))


def lines(entries: Sequence[JournalEntry]) -> list[list[tuple[str, Money]]]:
    return [[(posting.account, posting.amount) for posting in entry.postings] for entry in entries]


async def test_a_capture_and_each_refund_are_booked_beside_the_row_and_the_event(
    storage: Storage, journal: JournalQueries
) -> None:
    payment = await a_held_payment(storage)
    async with storage.begin() as tx:
        await tx.payments.save(payment, payment.capture(gbp("15.00"), at=NOON))
    await is_refunded(storage, payment, gbp("4.00"))

    entries = await journal.of_payment(payment.id)

    recorded = await storage.events.read_stream(payment.stream)
    booked = {each.envelope.id: each.event.type_name() for each in recorded}
    assert sorted(booked[entry.event_id] for entry in entries) == ["PaymentCaptured", "RefundSucceeded"]
    assert {(entry.at, entry.payment_id) for entry in entries} == {(NOON, payment.id)}
    assert sorted(lines(entries)) == [
        [("gateway_receivable", gbp("15.00")), ("contract_liabilities", gbp("-15.00"))],
        [("refunds", gbp("4.00")), ("gateway_receivable", gbp("-4.00"))],
    ]


@pytest.mark.parametrize(
    "ends",
    [
        lambda payment: payment.fail(PaymentFailure("expired_card", "It has expired."), at=NOON),
        lambda payment: payment.cancel(at=NOON),
        lambda payment: payment.lose_answer(payment.attempts[0], at=NOON),
        lambda payment: payment.flag(payment.attempts[0], at=NOON),
    ],
    ids=["failed", "cancelled", "unknown", "flagged"],
)
async def test_what_is_only_held_or_asked_for_is_not_booked(
    storage: Storage, journal: JournalQueries, ends: Step
) -> None:
    payment = await a_held_payment(storage)
    async with storage.begin() as tx:
        await tx.payments.save(payment, ends(payment))

    assert [*await journal.of_payment(payment.id)] == []


async def test_the_entries_of_a_payment_are_its_own(storage: Storage, journal: JournalQueries) -> None:
    payment, other = [await a_held_payment(storage) for _ in range(2)]
    async with storage.begin() as tx:
        await tx.payments.save(payment, payment.capture(gbp("20.00"), at=NOON))
        await tx.payments.save(other, other.capture(gbp("1.00"), at=NOON))

    [entry] = await journal.of_payment(other.id)

    assert entry.balance("gateway_receivable") == 100
    assert [*await journal.of_payment(PaymentId(uuid4()))] == []


async def test_the_largest_amount_is_booked(storage: Storage, journal: JournalQueries) -> None:
    payment = await a_held_payment(storage, most := Money.from_minor(2**63 - 1, "GBP"))
    async with storage.begin() as tx:
        await tx.payments.save(payment, payment.capture(most, at=NOON))

    [entry] = await journal.of_payment(payment.id)

    assert entry.balance("gateway_receivable") == most.minor


async def test_payments_are_walked_by_id_each_beside_what_is_booked_of_it(
    storage: Storage, journal: JournalQueries
) -> None:
    first, second, third = [await a_held_payment(storage) for _ in range(3)]
    async with storage.begin() as tx:
        await tx.payments.save(first, first.capture(gbp("15.00"), at=NOON))
    await is_refunded(storage, first, gbp("4.00"))
    await is_refunded(storage, first, gbp("1.00"))
    async with storage.begin() as tx:
        await tx.payments.save(first, first.delete(at=NOON))

    [one, two] = await journal.booked(PaymentId(UUID(int=0)), 2)
    rest = await journal.booked(PaymentId(UUID(int=two.id.int + 1)), 2)

    assert [one.id, two.id, *(each.id for each in rest)] == [first.id, second.id, third.id]
    assert (one.status, two.status) == (PaymentStatus.COMPLETED, PaymentStatus.PROCESSING)
    assert one.recorded == one.booked == Totals(gbp("15.00"), gbp("5.00"))
    assert two.recorded == two.booked == Totals(gbp("0.00"), gbp("0.00"))
    assert (one.awaits_gateway, two.awaits_gateway) == (False, True)
    assert (one.version, two.version) == (first.version, second.version)
    assert await journal.payment_count() == 3


async def test_beside_what_is_booked_stands_why_a_payment_failed(
    storage: Storage, journal: JournalQueries
) -> None:
    payment = await a_held_payment(storage)
    async with storage.begin() as tx:
        await tx.payments.save(payment, payment.fail(PaymentFailure("given_up", "Why."), at=NOON))

    [booked] = await journal.booked(payment.id, 1)

    assert (booked.status, booked.failure_code) == (PaymentStatus.FAILED, "given_up")


async def test_what_is_rolled_back_was_never_booked(storage: Storage, journal: JournalQueries) -> None:
    payment = await a_held_payment(storage)
    with pytest.raises(LookupError):
        async with storage.begin() as tx:
            await tx.payments.save(payment, payment.capture(gbp("20.00"), at=NOON))
            raise LookupError

    assert [*await journal.of_payment(payment.id)] == []


async def test_of_two_who_capture_the_same_one_is_booked(storage: Storage, journal: JournalQueries) -> None:
    payment = await a_held_payment(storage)
    async with storage.begin() as tx:
        other = await tx.payments.get(payment.id)
    async with storage.begin() as tx:
        await tx.payments.save(payment, payment.capture(gbp("20.00"), at=NOON))

    with pytest.raises(ConcurrencyConflictError):
        async with storage.begin() as tx:
            await tx.payments.save(other, other.capture(gbp("20.00"), at=NOON))

    assert len(await journal.of_payment(payment.id)) == 1


_POST = b"""
INSERT INTO journal (event_id, line, account, amount_minor, currency, payment_id, at)
SELECT event_id, line, account, amount_minor, currency, NULL, now()
FROM unnest(%s::uuid[], %s::integer[], %s::text[], %s::bigint[], %s::text[])
    AS posting (event_id, line, account, amount_minor, currency)
"""
Line = tuple[int, str, int, str]
AN_EVENT = UUID(int=1)


def posted(conninfo: str, *given: Line, event_id: UUID = AN_EVENT) -> None:
    columns = [list(column) for column in zip(*((event_id, *line) for line in given), strict=True)]
    with psycopg.connect(conninfo) as connection:
        connection.execute(_POST, columns)


@pytest.mark.parametrize(
    "given",
    [
        [(1, "a", 100, "GBP")],
        [(1, "a", 100, "GBP"), (2, "b", -99, "GBP")],
        [(1, "a", 100, "GBP"), (2, "b", 100, "GBP")],
        [(1, "a", 100, "GBP"), (2, "b", -100, "EUR")],
        [(1, "a", 2**63 - 1, "GBP"), (2, "b", 2**63 - 1, "GBP")],
        [(1, "a", 100, "GBP"), (3, "b", -100, "GBP")],
        [(2, "a", 100, "GBP"), (3, "b", -100, "GBP")],
    ],
    ids=["one line", "too little", "same side", "two currencies", "beyond 64 bits", "a gap", "from 2"],
)
def test_the_database_refuses_an_entry_that_is_not_whole_or_does_not_balance(
    conninfo: str, given: list[Line]
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        posted(conninfo, *given)

    assert refused.value.diag.constraint_name == "journal_balanced"


def test_the_database_takes_an_entry_of_many_lines_and_adds_none_to_it(conninfo: str) -> None:
    posted(conninfo, (1, "a", 100, "GBP"), (2, "b", -97, "GBP"), (3, "fee", -3, "GBP"))

    with pytest.raises(psycopg.errors.CheckViolation):
        posted(conninfo, (4, "a", 1, "GBP"), (5, "b", -1, "GBP"))
    with pytest.raises(psycopg.errors.UniqueViolation):
        posted(conninfo, (1, "a", 100, "GBP"), (2, "b", -100, "GBP"))
    posted(conninfo, (1, "a", 100, "GBP"), (2, "b", -100, "GBP"), event_id=UUID(int=2))


@pytest.mark.parametrize(
    "change",
    [
        b"UPDATE journal SET amount_minor = -amount_minor",
        b"UPDATE journal SET account = 'c'",
        b"DELETE FROM journal",
        b"TRUNCATE journal",
    ],
    ids=str,
)
def test_the_database_changes_nothing_that_is_booked(conninfo: str, change: bytes) -> None:
    posted(conninfo, (1, "a", 100, "GBP"), (2, "b", -100, "GBP"))

    with psycopg.connect(conninfo) as connection, pytest.raises(psycopg.errors.CheckViolation) as refused:
        connection.execute(change)

    assert refused.value.diag.constraint_name == "journal_append_only"


async def test_what_was_moved_before_there_was_a_journal_is_booked_by_the_migration(conninfo: str) -> None:
    [step] = [each for each in shipped() if each.name.endswith("_journal")]
    codec = MsgspecEventCodec(EventRegistry(EVENTS))
    recorder = OpenRecorder(utc_now, uuid4)

    with copied_database(conninfo) as copy:
        async with PostgresDatabase(copy, codec, recorder, min_connections=1) as database:
            payment = await a_held_payment(database)
            async with database.begin() as tx:
                await tx.payments.save(payment, payment.capture(gbp("15.00"), at=NOON))
            await is_refunded(database, payment, gbp("4.00"))
            booked = await database.journal.of_payment(payment.id)

            with psycopg.connect(copy) as connection:
                connection.execute("DROP TABLE journal, account")
                connection.execute("DROP FUNCTION journal_refuse_unbalanced, journal_refuse_change")
                connection.execute(step.sql.encode())

            assert len(booked) == 2
            assert await database.journal.of_payment(payment.id) == booked
