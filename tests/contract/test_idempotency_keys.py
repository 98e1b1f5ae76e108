"""What every keeper of idempotency keys does (`core.resilience.IdempotencyKeys`)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from quayside.adapters.memory import ManualClock, MemoryStore
from quayside.adapters.postgres import PostgresDatabase
from quayside.core.resilience import (
    Claim,
    IdempotencyInProgressError,
    IdempotencyKeyReusedError,
    IdempotencyKeys,
    KeyTerms,
)

LEASE, LIFE = timedelta(seconds=40), timedelta(hours=24)
KEY, ASKED, ASKED_OTHERWISE = b"k" * 32, b"a" * 32, b"b" * 32
FIRST = UUID(int=1)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def keys(storage: MemoryStore | PostgresDatabase, clock: ManualClock) -> IdempotencyKeys:
    """No key was used yet."""
    return keys_of(storage, clock, KeyTerms(LEASE, LIFE))


def keys_of(storage: MemoryStore | PostgresDatabase, clock: ManualClock, terms: KeyTerms) -> IdempotencyKeys:
    return storage.idempotency_keys(clock, terms)


async def claimed(keys: IdempotencyKeys, attempt: UUID = FIRST, *, key: bytes = KEY) -> Claim:
    claim = await keys.claim(key, ASKED, attempt)
    assert isinstance(claim, Claim)
    return claim


async def test_the_first_to_claim_a_key_begins_an_operation_of_its_own(keys: IdempotencyKeys) -> None:
    assert await claimed(keys) == Claim(KEY, FIRST, operation_id=FIRST)


async def test_a_key_that_is_claimed_is_under_way_until_its_lease_ends(
    keys: IdempotencyKeys, clock: ManualClock
) -> None:
    await claimed(keys)
    clock.advance(LEASE - MOMENT)

    with pytest.raises(IdempotencyInProgressError):
        await keys.claim(KEY, ASKED, uuid4())


@pytest.mark.parametrize("after", [timedelta(0), LIFE - MOMENT])
async def test_what_was_answered_is_answered_again_for_as_long_as_keys_live(
    keys: IdempotencyKeys, clock: ManualClock, after: timedelta
) -> None:
    await keys.keep(await claimed(keys), b"\x00\xff")
    clock.advance(after)

    answers = [await keys.claim(KEY, ASKED, uuid4()) for _ in range(3)]

    assert answers == [b"\x00\xff"] * 3


@pytest.mark.parametrize("state", ["under way", "answered", "left", "dead"])
async def test_a_key_is_good_for_one_request(keys: IdempotencyKeys, clock: ManualClock, state: str) -> None:
    claim = await claimed(keys)
    if state == "answered":
        await keys.keep(claim, b"x")
    elif state == "left":
        await keys.leave(claim)
    elif state == "dead":
        clock.advance(LEASE)

    with pytest.raises(IdempotencyKeyReusedError):
        await keys.claim(KEY, ASKED_OTHERWISE, uuid4())


async def test_other_keys_are_other_matters(keys: IdempotencyKeys) -> None:
    await claimed(keys)
    second = uuid4()

    assert await claimed(keys, second, key=b"z" * 32) == Claim(b"z" * 32, second, second)


@pytest.mark.parametrize("fingerprint", [ASKED, ASKED_OTHERWISE])
async def test_a_key_that_was_freed_is_as_good_as_new(keys: IdempotencyKeys, fingerprint: bytes) -> None:
    await keys.free(await claimed(keys))
    second = uuid4()

    assert await keys.claim(KEY, fingerprint, second) == Claim(KEY, second, second)


@pytest.mark.parametrize("how", ["left", "dead"])
async def test_an_operation_that_was_left_or_whose_owner_died_is_gone_on_with(
    keys: IdempotencyKeys, clock: ManualClock, how: str
) -> None:
    claim = await claimed(keys)
    if how == "left":
        await keys.leave(claim)
    else:
        clock.advance(LEASE)
    second, third = uuid4(), uuid4()

    assert await claimed(keys, second) == Claim(KEY, second, operation_id=FIRST)
    with pytest.raises(IdempotencyInProgressError):
        await keys.claim(KEY, ASKED, uuid4())
    clock.advance(LEASE)
    assert await claimed(keys, third) == Claim(KEY, third, operation_id=FIRST)


@pytest.mark.parametrize("end", ["keep", "free", "leave"])
async def test_whose_claim_was_taken_over_changes_nothing(
    keys: IdempotencyKeys, clock: ManualClock, end: str
) -> None:
    lost = await claimed(keys)
    clock.advance(LEASE)
    taken_over = await claimed(keys, uuid4())

    await (keys.keep(lost, b"late") if end == "keep" else getattr(keys, end)(lost))

    with pytest.raises(IdempotencyInProgressError):
        await keys.claim(KEY, ASKED, uuid4())
    await keys.keep(taken_over, b"first")
    assert await keys.claim(KEY, ASKED, uuid4()) == b"first"


@pytest.mark.parametrize("fingerprint", [ASKED, ASKED_OTHERWISE])
@pytest.mark.parametrize("state", ["answered", "left", "dead"])
async def test_a_key_that_has_expired_is_as_good_as_new(
    keys: IdempotencyKeys, clock: ManualClock, state: str, fingerprint: bytes
) -> None:
    claim = await claimed(keys)
    if state == "answered":
        await keys.keep(claim, b"x")
    elif state == "left":
        await keys.leave(claim)
    clock.advance(LIFE)
    second = uuid4()

    assert await keys.claim(KEY, fingerprint, second) == Claim(KEY, second, operation_id=second)
    with pytest.raises(IdempotencyInProgressError):
        await keys.claim(KEY, fingerprint, uuid4())


async def test_what_is_under_way_does_not_expire(
    storage: MemoryStore | PostgresDatabase, clock: ManualClock
) -> None:
    keys = keys_of(storage, clock, KeyTerms(lease=LEASE, life=LEASE / 2))
    await claimed(keys)
    clock.advance(LEASE / 2)

    with pytest.raises(IdempotencyInProgressError):
        await keys.claim(KEY, ASKED, uuid4())


async def racing(claims: Callable[[UUID], object]) -> list[object]:
    attempts = (claims(UUID(int=n)) for n in range(10, 30))
    return await asyncio.gather(*attempts, return_exceptions=True)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("left", [False, True])
async def test_of_twenty_who_claim_a_key_at_once_one_gets_it(keys: IdempotencyKeys, *, left: bool) -> None:
    if left:
        await keys.leave(await claimed(keys))

    outcomes = await racing(lambda attempt: keys.claim(KEY, ASKED, attempt))

    [claim] = [outcome for outcome in outcomes if isinstance(outcome, Claim)]
    assert claim.operation_id == (FIRST if left else claim.attempt)
    assert sum(isinstance(outcome, IdempotencyInProgressError) for outcome in outcomes) == 19


async def test_the_outcome_of_a_race_is_answered_to_all(keys: IdempotencyKeys) -> None:
    await keys.keep(await claimed(keys), b"the answer")

    assert await racing(lambda attempt: keys.claim(KEY, ASKED, attempt)) == [b"the answer"] * 20


@pytest.mark.parametrize("state", ["answered", "left", "dead"])
async def test_keys_that_are_over_are_discarded_bit_by_bit(
    keys: IdempotencyKeys, clock: ManualClock, state: str
) -> None:
    for n in range(3):
        claim = await claimed(keys, uuid4(), key=b"%d" % n)
        if state == "answered":
            await keys.keep(claim, b"x")
        elif state == "left":
            await keys.leave(claim)
    clock.advance(LIFE)

    assert [await keys.discard_expired(2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("after", [timedelta(0), LIFE - MOMENT])
async def test_keys_that_still_bind_are_not_discarded(
    keys: IdempotencyKeys, clock: ManualClock, after: timedelta
) -> None:
    await keys.keep(await claimed(keys), b"x")
    clock.advance(after)

    assert await keys.discard_expired(2) == 0
    assert await keys.claim(KEY, ASKED, uuid4()) == b"x"


async def test_a_key_under_which_something_is_under_way_is_not_discarded(
    storage: MemoryStore | PostgresDatabase, clock: ManualClock
) -> None:
    keys = keys_of(storage, clock, KeyTerms(lease=LEASE, life=LEASE / 2))
    await claimed(keys)
    clock.advance(LEASE / 2)

    assert await keys.discard_expired(2) == 0
    clock.advance(LEASE / 2)
    assert await keys.discard_expired(2) == 1
