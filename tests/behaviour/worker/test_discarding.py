"""What no longer makes a difference is erased, by a worker and bit by bit."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from attrs import evolve

from builders.shop import Shop
from quayside.adapters.memory import MemoryIdempotencyKeys
from quayside.core.identity import OneTimeToken, SessionId, TokenPurpose, hash_of
from quayside.core.resilience import KeyTerms, KeyUse
from quayside.entrypoints.composition import worker_of
from quayside.entrypoints.worker import at_work

LIFE, KEPT = timedelta(days=7), timedelta(days=90)
MOMENT = timedelta(microseconds=1)


async def tidied(shop: Shop, is_done: Callable[[], Awaitable[bool]]) -> None:
    """A worker was at work until then."""
    async with at_work(worker_of(shop.application)), asyncio.timeout(5):
        while not await is_done():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)


async def has_ada_s_session(shop: Shop) -> bool:
    session_id = shop.ada.login.session.id
    return await shop.application.storage.sessions.find(SessionId(session_id)) is not None


async def test_a_session_is_erased_so_long_after_its_end_and_told_of_until_then(shop: Shop) -> None:
    shop.clock.advance(LIFE + KEPT)
    await shop.application.identity.discard_expired()
    answer = await shop.client.get(shop.ada.path)
    assert answer.json()["error"]["code"] == "session_expired"

    async def is_gone() -> bool:
        return not await has_ada_s_session(shop)

    shop.clock.advance(MOMENT)
    await tidied(shop, is_gone)

    answer = await shop.client.get(shop.ada.path)
    assert answer.json()["error"]["code"] == "unauthorized"


async def test_mailed_tokens_are_erased_when_they_expire(shop: Shop) -> None:
    user, storage = shop.ada.user, shop.application.storage
    token = OneTimeToken(hash_of("t"), TokenPurpose.PASSWORD_RESET, user.id, user.email, shop.clock() + LIFE)
    async with storage.begin() as tx:
        await tx.one_time_tokens.add(token)
    shop.clock.advance(LIFE + MOMENT)

    assert await shop.application.identity.discard_expired() == 1


async def test_as_many_batches_are_erased_as_it_takes(shop: Shop) -> None:
    for _ in range(3):
        await shop.member()
    discard = evolve(shop.application.identity.discard_expired, batch=2)
    shop.clock.advance(LIFE + KEPT + MOMENT)

    assert await discard() == 4
    assert not await has_ada_s_session(shop)


async def test_keys_of_requests_are_erased_when_they_are_over(shop: Shop) -> None:
    uses: dict[bytes, KeyUse] = {}
    keys = MemoryIdempotencyKeys(shop.clock, KeyTerms(LIFE, LIFE), uses)
    await keys.claim(b"over", b"asked", UUID(int=1))
    shop.clock.advance(LIFE)
    await keys.claim(b"new", b"asked", UUID(int=2))
    idempotency = evolve(shop.application.idempotency, keys=keys)

    async def is_gone() -> bool:
        return [*uses] == [b"new"]

    await tidied(evolve(shop, application=evolve(shop.application, idempotency=idempotency)), is_gone)
