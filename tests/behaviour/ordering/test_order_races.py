"""Orders on which several are at work at once; and who may do what, whatever roles there are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from builders import DECLINED
from builders.order_desk import OrderDesk
from builders.payments import a_card
from quayside.core.identity import SessionId, principal_of
from quayside.core.kernel import (
    ConcurrencyConflictError,
    CustomerId,
    Permission,
    PermissionDeniedError,
    Principal,
    Scope,
    UserId,
)
from quayside.core.ordering import (
    Begin,
    OrderId,
    OrderItem,
    OrderRequest,
    OrderStatus,
    PaymentMeans,
    StartPayment,
    StepRequest,
)
from quayside.core.payments import Address, PaymentId


def asked(desk: OrderDesk, quantity: int = 1) -> OrderRequest:
    return OrderRequest(
        customer_id=CustomerId(UUID(desk.customer_id)),
        items=[OrderItem("TEAPOT", quantity)],
        delivery_address=Address(house_number="1", address_line1="A Road", city="York", postcode="YO1 7HH"),
        payment=PaymentMeans(card_id=desk.card_id),
    )


def principal_of_ada(desk: OrderDesk) -> Principal:
    return principal_of(desk.shop.ada.user, SessionId(uuid4()))


async def test_of_two_who_place_one_order_at_once_both_hear_of_the_same(desk: OrderDesk) -> None:
    place, ada, order_id = desk.shop.application.orders.place_order, principal_of_ada(desk), OrderId(uuid4())
    placed = []

    async def first() -> None:
        placed.append(await place(ada, asked(desk), order_id=order_id))

    second = evolve(place, begin=after_one(desk, first))

    assert await second(ada, asked(desk), order_id=order_id) == placed[0]


@pytest.mark.parametrize("means", ["registered", "typed in"])
async def test_an_id_stands_for_all_that_was_ordered_under_it(desk: OrderDesk, means: str) -> None:
    place, ada, order_id = desk.shop.application.orders.place_order, principal_of_ada(desk), OrderId(uuid4())
    order = asked(desk)
    if means == "typed in":
        order = evolve(order, payment=PaymentMeans(paying_card_details=a_card()))
    placed = await place(ada, order, order_id=order_id)

    others = (
        evolve(order, items=[OrderItem("TEAPOT", 2)]),
        evolve(order, delivery_address=evolve(order.delivery_address, house_number="2")),
        evolve(order, discount_percentage="10"),
        evolve(order, payment=PaymentMeans(card_id=str(uuid4()))),
        evolve(order, payment=PaymentMeans(paying_card_details=a_card(DECLINED))),
    )
    for other in others:
        with pytest.raises(ConcurrencyConflictError):
            await place(ada, other, order_id=order_id)
    assert await place(ada, order, order_id=order_id) == placed


async def test_an_order_is_known_by_its_id_when_its_customer_was_erased(desk: OrderDesk) -> None:
    place, ada, order_id = desk.shop.application.orders.place_order, principal_of_ada(desk), OrderId(uuid4())
    placed = await place(ada, asked(desk), order_id=order_id)

    await desk.shop.application.customers.erase_customer(ada, placed.placed.customer_id)

    assert await place(ada, asked(desk), order_id=order_id) == evolve(placed, delivery_address=None)


def after_one(desk: OrderDesk, first: Callable[[], Awaitable[object]]) -> Begin:
    """Opens transactions; the second one only once somebody else has done *first*."""
    opened = 0

    @asynccontextmanager
    async def begin() -> AsyncIterator[Any]:
        nonlocal opened
        opened += 1
        if opened == 2:  # the first looks for the card
            await first()
        async with desk.shop.application.storage.begin() as tx:
            yield tx

    return begin


async def test_a_cancel_that_is_overtaken_is_decided_upon_anew(desk: OrderDesk) -> None:
    order = await desk.has_placed()
    cancel, ada = desk.shop.application.orders.cancel_order, principal_of_ada(desk)
    begun = 0

    @asynccontextmanager
    async def begin() -> AsyncIterator[Any]:
        nonlocal begun
        begun += 1
        async with desk.shop.application.storage.begin() as tx:
            yield tx
            if begun == 1:
                raise ConcurrencyConflictError("order", expected=1, actual=2)

    cancel = evolve(cancel, steps=evolve(cancel.steps, begin=begin))
    await desk.command(order, StartPayment(PaymentId(uuid4())))
    cancelled = await cancel(ada, OrderId(UUID(order["id"])), StepRequest(), operation_id=uuid4())

    assert (cancelled.status, cancelled.version, begun) == (OrderStatus.CANCELLED, 3, 2)
    assert len(await desk.events(order)) == 3


async def test_who_sees_an_order_and_may_not_change_it_is_told_so(desk: OrderDesk) -> None:
    order = await desk.has_placed()
    onlooker = evolve(
        principal_of_ada(desk),
        user_id=UserId(uuid4()),
        grants={Permission.ORDERS_READ_ALL: Scope.ANY, Permission.ORDERS_CANCEL: Scope.OWN},
    )

    with pytest.raises(PermissionDeniedError):
        await desk.shop.application.orders.cancel_order(
            onlooker, OrderId(UUID(order["id"])), StepRequest(), operation_id=uuid4()
        )
