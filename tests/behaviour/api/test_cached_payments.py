"""Payments that are shown from a cache: by those who changed them, nobody sees what they were before."""

from collections.abc import AsyncIterator

import pytest

from builders.members import V1
from builders.shop import PAYMENTS, Shop, open_shop, settings_of_a_shop
from quayside.core.identity import Role


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """A shop that keeps copies of payments in its memory."""
    async with open_shop(settings_of_a_shop(cache="memory")) as shop:
        yield shop


def reads(shop: Shop) -> dict[str, float]:
    lines = [line.decode() for line in shop.application.metrics.render().splitlines()]
    name = "quayside_cache_reads_total{"
    told = [line.rsplit(" ", 1) for line in lines if line.startswith(name)]
    return {labels.split('outcome="')[1].split('"')[0]: float(value) for labels, value in told}


async def test_a_payment_is_shown_the_same_from_the_cache(shop: Shop) -> None:
    payment = await shop.has_taken(metadata={"weight": 1.10, "tags": ["ä", None, 2**70]})

    first, second = [await shop.client.get(f"{PAYMENTS}/{payment['id']}") for _ in range(2)]

    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    assert reads(shop) == {"miss": 1, "hit": 1}


async def test_who_changed_a_payment_is_shown_what_it_is_now(shop: Shop) -> None:
    staff = (await shop.member(Role.STAFF)).client
    hold = await shop.has_taken(capture=False)
    path = f"{PAYMENTS}/{hold['id']}"
    before = await shop.client.get(path)

    await staff.post(f"{path}/capture")
    after = await shop.client.get(path)

    assert (before.json()["status"], after.json()["status"]) == ("Processing", "Completed")
    assert after.headers["etag"] == f'"{after.json()["version"]}"' != before.headers["etag"]


async def test_a_deleted_payment_is_not_shown_from_the_cache(shop: Shop) -> None:
    admin = (await shop.member(Role.ADMIN)).client
    payment = await shop.has_taken()
    shown = await admin.get(f"{PAYMENTS}/{payment['id']}")

    deleted = await admin.delete(f"{PAYMENTS}/{payment['id']}")
    gone = await admin.get(f"{PAYMENTS}/{payment['id']}")

    assert (shown.status_code, deleted.status_code, gone.status_code) == (200, 204, 404)


async def test_a_cached_payment_is_hidden_from_whoever_may_not_see_it(shop: Shop) -> None:
    payment = await shop.has_taken()
    await shop.client.get(f"{PAYMENTS}/{payment['id']}")
    stranger = (await shop.member()).client

    assert (await stranger.get(f"{V1}/payments/{payment['id']}")).status_code == 404


async def test_without_a_cache_none_is_asked() -> None:
    async with open_shop() as shop:
        payment = await shop.has_taken()
        await shop.client.get(f"{PAYMENTS}/{payment['id']}")

        assert reads(shop) == {}
