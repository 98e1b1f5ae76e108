"""Who sees which payments: their makers their own, staff all."""

import pytest

from builders import Business, a_payment_request
from quayside.core.identity import Role, grants_of
from quayside.core.kernel import PageRequest, Principal, UserId
from quayside.core.payments import (
    FindPayment,
    ListPayments,
    Payment,
    PaymentFilter,
    PaymentNotFoundError,
    PaymentStatus,
)


def somebody(business: Business, role: Role = Role.USER) -> Principal:
    new_id = business.process_payment.new_id
    return Principal(UserId(new_id()), new_id(), frozenset({role}), grants_of({Role.USER, role}))


async def made_by(business: Business, maker: Principal | None) -> Payment:
    return await business.process_payment(a_payment_request(), created_by=maker.user_id if maker else None)


async def test_a_payment_is_seen_by_its_maker_and_by_staff(business: Business) -> None:
    maker = somebody(business)
    payment = await made_by(business, maker)
    find_payment = FindPayment(business.store.payments)

    assert (await find_payment(maker, payment.id)).created_by == maker.user_id
    for role in (Role.STAFF, Role.ADMIN):
        assert (await find_payment(somebody(business, role), payment.id)).id == payment.id


async def test_anothers_payment_looks_like_none(business: Business) -> None:
    find_payment = FindPayment(business.store.payments)
    stranger = somebody(business)

    for payment in (await made_by(business, somebody(business)), await made_by(business, None)):
        with pytest.raises(PaymentNotFoundError) as unseen:
            await find_payment(stranger, payment.id)
        assert str(unseen.value) == str(PaymentNotFoundError(payment.id))


async def test_a_list_shows_and_counts_only_what_the_caller_may_see(business: Business) -> None:
    maker = somebody(business)
    mine = await made_by(business, maker)
    theirs = await made_by(business, somebody(business))
    list_payments = ListPayments(business.store.payments)

    own = await list_payments(maker, PaymentFilter(), PageRequest())
    everyones = await list_payments(somebody(business, Role.STAFF), PaymentFilter(), PageRequest())

    assert ([payment.id for payment in own.items], own.total_count) == ([mine.id], 1)
    assert [payment.id for payment in everyones.items] == [theirs.id, mine.id]


async def test_what_a_caller_asks_for_narrows_what_they_may_see_and_never_widens_it(
    business: Business,
) -> None:
    maker, other = somebody(business), somebody(business)
    await made_by(business, maker)
    await made_by(business, other)
    list_payments = ListPayments(business.store.payments)

    anothers = await list_payments(maker, PaymentFilter(created_by=other.user_id), PageRequest())
    failed = await list_payments(maker, PaymentFilter(status=PaymentStatus.FAILED), PageRequest())

    assert {payment.created_by for payment in anothers.items} == {maker.user_id}
    assert failed.total_count == 0
