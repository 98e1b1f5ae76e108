"""What every store of registered cards does (`core.payments.CardRepository`)."""

import asyncio
from uuid import uuid4

import pytest

from builders import A_CUSTOMER, DECLINED, NOON, a_card
from quayside.core.kernel import ConcurrencyConflictError, UserId
from quayside.core.payments import (
    Begin,
    Card,
    CardBrand,
    CardId,
    CardRequest,
    CardToken,
    PaymentGateway,
    RegisterCard,
    registration_form,
)


def a_registered_card(**changes: object) -> Card:
    values: dict[str, object] = {
        "id": CardId(uuid4()),
        "customer_id": A_CUSTOMER,
        "token": CardToken("tok_1"),
        "brand": CardBrand.VISA,
        "last4": "4242",
        "expiry_month": 12,
        "expiry_year": 2030,
        "created_by": UserId(uuid4()),
        "created_at": NOON,
    }
    return Card(**values | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("created_by", [None, UserId(uuid4())])
async def test_a_card_is_read_back_whole(begin: Begin, created_by: UserId | None) -> None:
    card = a_registered_card(created_by=created_by)

    async with begin() as tx:
        await tx.cards.add(card, card.registered())
    async with begin() as tx:
        found = await tx.cards.find(card.id)

    assert found is not None
    for name in Card.__slots__:
        assert name == "__weakref__" or getattr(found, name) == getattr(card, name)


async def test_an_unknown_card_is_none(begin: Begin) -> None:
    async with begin() as tx:
        assert await tx.cards.find(CardId(uuid4())) is None


async def test_a_card_is_added_once(begin: Begin) -> None:
    first = a_registered_card()
    second = a_registered_card(id=first.id, last4="0002")
    async with begin() as tx:
        await tx.cards.add(first, first.registered())

    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            await tx.cards.add(second, second.registered())

    async with begin() as tx:
        found = await tx.cards.find(first.id)
    assert found is not None
    assert found.last4 == "4242"


async def test_five_who_register_it_at_once_under_one_id_get_one_card(
    begin: Begin, gateway: PaymentGateway
) -> None:
    register_card = RegisterCard(begin, gateway, registration_form(lambda: NOON), lambda: NOON, uuid4)
    request = CardRequest(customer_id=A_CUSTOMER, paying_card_details=a_card())
    card_id = CardId(uuid4())

    cards = await asyncio.gather(*(register_card(request, card_id=card_id) for _ in range(5)))

    assert {(card.id, card.last4, card.version) for card in cards} == {(card_id, "4242", 1)}
    another = CardRequest(customer_id=A_CUSTOMER, paying_card_details=a_card(DECLINED))
    with pytest.raises(ConcurrencyConflictError):
        await register_card(another, card_id=card_id)
