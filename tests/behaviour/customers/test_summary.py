"""GET /api/v1/customers/{id}/summary: a customer at a glance, whatever is wrong with the parts."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from builders.customers import CUSTOMERS, a_customer_body
from builders.payments import DECLINED
from builders.shop import Shop, serving
from quayside.core.customers import CustomerId, SummarySource
from quayside.core.identity import Role
from quayside.core.kernel import Principal, UnavailableError


@pytest.fixture
async def customer(shop: Shop) -> Any:
    """One of Ada's."""
    return (await shop.client.post(CUSTOMERS, json=a_customer_body())).json()


async def summary_of(shop: Shop, customer: dict[str, Any], **sources: SummarySource) -> dict[str, Any]:
    """What the API answers where these sources are asked, too, and for no longer than a moment."""
    customers = shop.application.customers
    summarize = customers.summarize_customer
    summarize = evolve(summarize, sources={**summarize.sources, **sources}, patience_s=0.05)
    changed = evolve(shop.application, customers=evolve(customers, summarize_customer=summarize))
    async with serving(changed, shop.ada.token) as client:
        response = await client.get(f"{CUSTOMERS}/{customer['id']}/summary")
    assert response.status_code == 200, response.text
    summary: dict[str, Any] = response.json()
    return summary


async def failing(_: Principal, __: CustomerId) -> Sequence[Any]:
    raise UnavailableError("Not now.")


async def broken(_: Principal, __: CustomerId) -> Sequence[Any]:
    return [1 // 0]


async def stuck(_: Principal, __: CustomerId) -> Sequence[Any]:
    return await asyncio.Event().wait()  # type: ignore[return-value]


async def test_a_summary_has_the_customer_and_the_latest_twenty_of_their_payments(
    shop: Shop, customer: dict[str, Any]
) -> None:
    await shop.has_taken()
    await shop.pay(DECLINED, customer_id=customer["id"])
    taken = [await shop.has_taken(customer_id=customer["id"]) for _ in range(20)]

    response = await shop.client.get(f"{CUSTOMERS}/{customer['id']}/summary")

    assert response.json() == {
        "customer": customer,
        "payments": taken[::-1],
        "orders": [],
        "unavailable": ["orders"],  # which nobody has made a list of here
    }


async def test_a_summary_shows_of_payments_only_what_the_caller_sees(
    shop: Shop, customer: dict[str, Any]
) -> None:
    staff, stranger = await shop.member(Role.STAFF), await shop.member()
    payment = await shop.has_taken(customer_id=customer["id"])
    path = f"{CUSTOMERS}/{customer['id']}/summary"

    assert (await staff.client.get(path)).json()["payments"] == [payment]
    assert (await stranger.client.get(path)).status_code == 404
    await shop.client.delete(f"{CUSTOMERS}/{customer['id']}")
    assert (await staff.client.get(path)).status_code == 404


@pytest.mark.parametrize("source", [failing, broken, stuck])
async def test_a_source_that_fails_or_is_slow_is_named_and_the_others_are_shown(
    shop: Shop, customer: dict[str, Any], source: SummarySource
) -> None:
    payment = await shop.has_taken(customer_id=customer["id"])

    summary = await summary_of(shop, customer, orders=source)

    assert summary == {
        "customer": customer,
        "payments": [payment],
        "orders": [],
        "unavailable": ["orders"],
    }
    assert (await summary_of(shop, customer, payments=source))["payments"] == []


async def test_sources_are_asked_side_by_side(shop: Shop, customer: dict[str, Any]) -> None:
    both = asyncio.Barrier(2)

    async def waiting(_: Principal, customer_id: CustomerId) -> Sequence[Any]:
        assert customer_id == UUID(customer["id"])
        await both.wait()
        return []

    assert (await summary_of(shop, customer, payments=waiting, orders=waiting))["unavailable"] == []
