"""What every payment store does (`core.payments.PaymentRepository`, `PaymentQueries`)."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from builders import NOON, a_payment, eur, gbp, usd
from quayside.core.kernel import (
    ConcurrencyConflictError,
    CustomerId,
    DateRange,
    PageRequest,
    Place,
    SliceRequest,
    UserId,
)
from quayside.core.payments import (
    Begin,
    OpenPayment,
    Payment,
    PaymentBacklog,
    PaymentFailure,
    PaymentFilter,
    PaymentId,
    PaymentNotFoundError,
    PaymentQueries,
    PaymentStatus,
    PaymentTotal,
    Refund,
    RefundId,
)


async def saved(begin: Begin, payment: Payment, **_: object) -> Payment:
    async with begin() as tx:
        await tx.payments.save(payment, payment.received())
    return payment


def facts(payment: Payment) -> dict[str, object]:
    return {name: getattr(payment, name) for name in Payment.__slots__ if name != "__weakref__"}


async def test_a_saved_payment_is_read_back_whole(begin: Begin, payments: PaymentQueries) -> None:
    payment, _ = a_payment(
        gbp("12.34"),
        description="Zwölf Rosen 🌹",
        metadata={"order": {"lines": [1, 2.5, None, True, "x"]}},
        captures_at_once=False,
    )

    await saved(begin, payment)

    assert facts(await payments.get(payment.id)) == facts(payment)
    assert payment.version == 1


async def test_payments_that_are_asked_for_at_once_are_each_found(
    begin: Begin, payments: PaymentQueries
) -> None:
    first, second = [await saved(begin, a_payment()[0]) for _ in range(2)]
    unknown = PaymentId(uuid4())

    found = await asyncio.gather(
        *map(payments.get, [first.id, unknown, second.id, first.id]), return_exceptions=True
    )

    assert isinstance(found[1], PaymentNotFoundError)
    assert [facts(each) for each in found if isinstance(each, Payment)] == [
        facts(payment) for payment in (first, second, first)
    ]


async def test_every_change_is_read_back(begin: Begin, payments: PaymentQueries) -> None:
    captured, failed, cancelled = [await saved(begin, a_payment()[0]) for _ in range(3)]

    async with begin() as tx:
        await tx.payments.save(captured, captured.authorize("auth_1", at=NOON))
        await tx.payments.save(captured, captured.capture(gbp("10.00"), at=NOON))
        await tx.payments.save(failed, failed.fail(PaymentFailure("expired_card", "Expired."), at=NOON))
        await tx.payments.save(cancelled, cancelled.authorize("auth_2", at=NOON))
        await tx.payments.save(cancelled, cancelled.cancel(at=NOON))

    for payment in (captured, failed, cancelled):
        assert facts(await payments.get(payment.id)) == facts(payment)
    assert (captured.version, failed.version, cancelled.version) == (3, 2, 3)


async def test_an_unknown_payment_is_not_found(begin: Begin, payments: PaymentQueries) -> None:
    unknown = PaymentId(uuid4())

    with pytest.raises(PaymentNotFoundError):
        await payments.get(unknown)
    async with begin() as tx:
        with pytest.raises(PaymentNotFoundError):
            await tx.payments.get(unknown)


async def test_a_stale_save_is_refused_and_changes_nothing(begin: Begin, payments: PaymentQueries) -> None:
    payment = await saved(begin, a_payment()[0])
    async with begin() as tx:
        first, second = await tx.payments.get(payment.id), await tx.payments.get(payment.id)
        await tx.payments.save(first, first.authorize("auth_1", at=NOON))

    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            await tx.payments.save(second, second.fail(PaymentFailure("x", "x"), at=NOON))

    assert (await payments.get(payment.id)).status is PaymentStatus.PROCESSING


async def test_of_racing_changes_one_wins(begin: Begin, payments: PaymentQueries) -> None:
    payment = await saved(begin, a_payment()[0])
    all_have_read = asyncio.Barrier(5)

    async def authorize(n: int) -> None:
        async with begin() as tx:
            mine = await tx.payments.get(payment.id)
            await all_have_read.wait()
            await tx.payments.save(mine, mine.authorize(f"auth_{n}", at=NOON))

    outcomes = await asyncio.gather(*(authorize(n) for n in range(5)), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, ConcurrencyConflictError) for outcome in outcomes) == 4
    assert (await payments.get(payment.id)).version == 2


async def test_what_a_failed_transaction_saved_is_not_there(begin: Begin, payments: PaymentQueries) -> None:
    payment, received = a_payment()

    with pytest.raises(ZeroDivisionError):
        async with begin() as tx:
            await tx.payments.save(payment, received)
            raise ZeroDivisionError

    with pytest.raises(PaymentNotFoundError):
        await payments.get(payment.id)


async def test_a_change_is_invisible_until_it_is_saved(begin: Begin, payments: PaymentQueries) -> None:
    payment = await saved(begin, a_payment()[0])

    payment.authorize("auth_1", at=NOON)

    assert (await payments.get(payment.id)).status is PaymentStatus.PENDING


async def test_what_a_caller_does_to_metadata_afterwards_changes_nothing_stored(
    begin: Begin, payments: PaymentQueries
) -> None:
    metadata = {"lines": [1]}
    payment = await saved(begin, a_payment(metadata=metadata)[0])

    metadata["lines"].append(2)
    (await payments.get(payment.id)).metadata["lines"].append(3)  # type: ignore[attr-defined]

    assert (await payments.get(payment.id)).metadata == {"lines": [1]}


async def test_a_list_is_newest_first_with_ties_by_id(begin: Begin, payments: PaymentQueries) -> None:
    old = await saved(begin, a_payment(created_at=NOON - timedelta(microseconds=1))[0])
    tied = [await saved(begin, a_payment()[0]) for _ in range(3)]

    page = await payments.list(PaymentFilter(), PageRequest())

    assert [payment.id for payment in page.items] == [tied[2].id, tied[1].id, tied[0].id, old.id]


async def test_a_list_comes_in_pages(begin: Begin, payments: PaymentQueries) -> None:
    ids = [(await saved(begin, a_payment()[0])).id for _ in range(5)][::-1]

    pages = [await payments.list(PaymentFilter(), PageRequest(page=n, page_size=2)) for n in (1, 2, 3, 4)]

    assert [[payment.id for payment in page.items] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]
    assert {page.total_count for page in pages} == {5}


async def test_a_list_is_walked_by_key(begin: Begin, payments: PaymentQueries) -> None:
    old = await saved(begin, a_payment(created_at=NOON - timedelta(microseconds=1))[0])
    tied = [await saved(begin, a_payment()[0]) for _ in range(4)][::-1]

    second = await payments.list_after(PaymentFilter(), SliceRequest(Place.of(tied[0]), 2))
    third = await payments.list_after(PaymentFilter(), SliceRequest(Place.of(tied[2]), 2))
    beyond = await payments.list_after(PaymentFilter(), SliceRequest(Place.of(old), 2))

    assert [facts(payment) for payment in second.items] == [facts(payment) for payment in tied[1:3]]
    assert [facts(payment) for payment in third.items] == [facts(tied[3]), facts(old)]
    assert [part.has_next_page for part in (second, third, beyond)] == [True, False, False]
    assert beyond.items == ()


async def test_what_comes_in_before_a_place_moves_nothing_after_it(
    begin: Begin, payments: PaymentQueries
) -> None:
    older, place = [await saved(begin, a_payment()[0]) for _ in range(2)]
    after = SliceRequest(Place.of(place))

    await saved(begin, a_payment()[0])
    await saved(begin, a_payment(created_at=NOON + timedelta(days=1))[0])

    assert [payment.id for payment in (await payments.list_after(PaymentFilter(), after)).items] == [older.id]


async def test_a_list_without_rows_is_empty(payments: PaymentQueries) -> None:
    page = await payments.list(PaymentFilter(), PageRequest())

    assert (page.items, page.total_count, page.total_pages) == ((), 0, 0)


async def test_a_list_is_narrowed_by_status_customer_maker_and_time(
    begin: Begin, payments: PaymentQueries
) -> None:
    stranger, maker = CustomerId(uuid4()), UserId(uuid4())
    early = await saved(begin, a_payment(created_at=NOON - timedelta(days=1))[0])
    theirs = await saved(begin, a_payment(eur("1.00"), customer_id=stranger)[0])
    failed = await saved(begin, a_payment(created_by=maker)[0])
    async with begin() as tx:
        await tx.payments.save(failed, failed.fail(PaymentFailure("x", "x"), at=NOON))

    since_noon = DateRange(NOON, NOON + timedelta(hours=1))

    async def listed(**wanted: object) -> list[PaymentId]:
        narrowed = PaymentFilter(**wanted)  # type: ignore[arg-type]
        page = await payments.list(narrowed, PageRequest())
        walked = await payments.list_after(narrowed, SliceRequest(Place(NOON + timedelta(days=1), uuid4())))
        assert [facts(payment) for payment in walked.items] == [facts(payment) for payment in page.items]
        return [payment.id for payment in page.items]

    assert await listed(status=PaymentStatus.FAILED) == [failed.id]
    assert await listed(customer_id=stranger) == [theirs.id]
    assert await listed(customer_ids=frozenset({stranger, CustomerId(uuid4())})) == [theirs.id]
    assert await listed(customer_ids=frozenset()) == []
    assert await listed(created_by=maker) == [failed.id]
    assert await listed(created_by=maker, customer_id=stranger) == []
    assert await listed(created=DateRange(NOON - timedelta(days=2), NOON)) == [early.id]
    assert await listed(created=since_noon) == [failed.id, theirs.id]
    assert await listed(created=since_noon, customer_id=stranger, status=PaymentStatus.FAILED) == []


async def test_what_awaits_the_gateway_is_found_and_the_longest_wait_comes_first(
    begin: Begin, payments: PaymentQueries
) -> None:
    def minutes_ago(count: int) -> datetime:
        return NOON - timedelta(minutes=count)

    pending = await saved(begin, a_payment(created_at=minutes_ago(3))[0])
    captured_next, held, failed, flagged = [
        await saved(begin, a_payment(created_at=minutes_ago(9), captures_at_once=n == 0)[0]) for n in range(4)
    ]
    async with begin() as tx:
        await tx.payments.save(captured_next, captured_next.authorize("auth_1", at=minutes_ago(2)))
        await tx.payments.save(held, held.authorize("auth_2", at=minutes_ago(2)))
        await tx.payments.save(failed, failed.fail(PaymentFailure("x", "x"), at=minutes_ago(2)))
        await tx.payments.save(flagged, flagged.flag(flagged.attempts[0], at=NOON))

    first = OpenPayment(minutes_ago(3), pending.id)
    second = OpenPayment(minutes_ago(2), captured_next.id)
    assert await payments.open_since(NOON, 10) == [first, second]
    assert await payments.open_since(NOON, 1) == [first]
    assert await payments.open_since(minutes_ago(2), 10) == [first]
    assert await payments.open_since(minutes_ago(3), 10) == []


async def test_what_awaits_the_gateway_is_found_page_by_page(begin: Begin, payments: PaymentQueries) -> None:
    times = [NOON - timedelta(minutes=2), *[NOON - timedelta(minutes=1)] * 4]
    waiting = [await saved(begin, a_payment(created_at=at)[0]) for at in times]
    expected = sorted(OpenPayment(payment.created_at, payment.id) for payment in waiting)

    first = await payments.open_since(NOON, 2)
    async with begin() as tx:
        ended = await tx.payments.get(first[-1].id)
        await tx.payments.save(ended, ended.fail(PaymentFailure("x", "x"), at=NOON))
    second = await payments.open_since(NOON, 2, after=first[-1])
    third = await payments.open_since(NOON, 2, after=second[-1])

    assert [*first, *second, *third] == expected
    assert await payments.open_since(NOON, 2, after=third[-1]) == []


async def test_the_backlog_tells_what_is_open_and_what_needs_a_person(
    begin: Begin, payments: PaymentQueries
) -> None:
    assert await payments.backlog() == PaymentBacklog(0, None, 0)
    long_ago = NOON - timedelta(hours=1)
    first = await saved(begin, a_payment(created_at=long_ago)[0])
    await saved(begin, a_payment()[0])
    held = await saved(begin, a_payment(captures_at_once=False)[0])
    flagged = await saved(begin, a_payment(created_at=long_ago - timedelta(hours=1))[0])
    async with begin() as tx:
        await tx.payments.save(held, held.authorize("auth_1", at=NOON))
        await tx.payments.save(flagged, flagged.flag(flagged.attempts[0], at=NOON))

    assert await payments.backlog() == PaymentBacklog(2, first.awaits_since, 1)


async def test_a_deleted_payment_is_gone_from_every_read(begin: Begin, payments: PaymentQueries) -> None:
    payment = await saved(begin, a_payment()[0])
    async with begin() as tx:
        await tx.payments.save(payment, payment.fail(PaymentFailure("x", "x"), at=NOON))
        await tx.payments.save(payment, payment.delete(at=NOON))

    with pytest.raises(PaymentNotFoundError):
        await payments.get(payment.id)
    async with begin() as tx:
        with pytest.raises(PaymentNotFoundError):
            await tx.payments.get(payment.id)
    assert (await payments.list(PaymentFilter(), PageRequest())).total_count == 0
    walked = await payments.list_after(
        PaymentFilter(), SliceRequest(Place(NOON + timedelta(days=1), uuid4()))
    )
    assert walked.items == ()


async def test_totals_are_what_was_taken_less_what_was_given_back(
    begin: Begin, payments: PaymentQueries
) -> None:
    stranger = CustomerId(uuid4())
    amounts = (eur("5.00"), gbp("7.00"), gbp("3.00"), usd("9.00"))
    taken = [await saved(begin, a_payment(amount)[0]) for amount in amounts]
    others = await saved(begin, a_payment(gbp("1.00"), customer_id=stranger)[0])
    await saved(begin, a_payment(gbp("2.00"))[0])
    async with begin() as tx:
        for payment in (*taken, others):
            await tx.payments.save(payment, payment.authorize("auth_1", at=NOON))
            await tx.payments.save(payment, payment.capture(payment.amount, at=NOON))
        for payment, amount in ((taken[1], gbp("6.50")), (taken[3], usd("9.00"))):
            refund = Refund(id=RefundId(uuid4()), payment_id=payment.id, amount=amount, created_at=NOON)
            await tx.payments.save(payment, payment.ask_to_refund(refund, key="key"))
            await tx.payments.save(payment, payment.refund(payment.attempts[0], at=NOON))

    of_customer = PaymentFilter(customer_ids=frozenset({taken[0].customer_id}))
    assert await payments.totals(of_customer) == [eur("5.00"), gbp("3.50")]
    assert await payments.totals(PaymentFilter()) == [eur("5.00"), gbp("4.50")]
    assert await payments.totals(PaymentFilter(created=DateRange(NOON - timedelta(days=1), NOON))) == []


async def test_totals_by_status_tell_what_was_asked_for_taken_and_given_back(
    begin: Begin, payments: PaymentQueries
) -> None:
    stranger = CustomerId(uuid4())
    taken = [await saved(begin, a_payment(amount)[0]) for amount in (gbp("7.00"), gbp("3.00"), eur("5.00"))]
    await saved(begin, a_payment(gbp("2.00"))[0])
    gone = await saved(begin, a_payment(gbp("2.50"), customer_id=stranger)[0])
    async with begin() as tx:
        for payment in taken:
            await tx.payments.save(payment, payment.authorize("auth_1", at=NOON))
            await tx.payments.save(payment, payment.capture(payment.amount, at=NOON))
        refund = Refund(id=RefundId(uuid4()), payment_id=taken[0].id, amount=gbp("6.50"), created_at=NOON)
        await tx.payments.save(taken[0], taken[0].ask_to_refund(refund, key="key"))
        await tx.payments.save(taken[0], taken[0].refund(taken[0].attempts[0], at=NOON))
        await tx.payments.save(gone, gone.fail(PaymentFailure("x", "x"), at=NOON))
        await tx.payments.save(gone, gone.delete(at=NOON))

    nothing = gbp("0.00")
    pending = PaymentTotal(PaymentStatus.PENDING, 1, gbp("2.00"), nothing, nothing)
    completed = PaymentTotal(PaymentStatus.COMPLETED, 2, gbp("10.00"), gbp("10.00"), gbp("6.50"))
    in_euro = PaymentTotal(PaymentStatus.COMPLETED, 1, eur("5.00"), eur("5.00"), eur("0.00"))
    assert await payments.totals_by_status(PaymentFilter()) == [in_euro, pending, completed]
    assert await payments.totals_by_status(PaymentFilter(status=PaymentStatus.PENDING)) == [pending]
    assert await payments.totals_by_status(PaymentFilter(customer_id=stranger)) == []


async def test_payments_are_found_by_card_and_by_what_needs_a_person(
    begin: Begin, payments: PaymentQueries
) -> None:
    by_card = await saved(begin, a_payment(card_last4="0002")[0])
    flagged = await saved(begin, a_payment()[0])
    async with begin() as tx:
        await tx.payments.save(flagged, flagged.flag(flagged.attempts[0], at=NOON))

    for wanted, found in (
        (PaymentFilter(card_last4="0002"), by_card),
        (PaymentFilter(needs_attention=True), flagged),
        (PaymentFilter(needs_attention=False), by_card),
    ):
        page = await payments.list(wanted, PageRequest())
        walked = await payments.list_after(wanted, SliceRequest(Place(NOON + timedelta(days=1), uuid4())))
        assert (
            [payment.id for payment in page.items] == [payment.id for payment in walked.items] == [found.id]
        )
