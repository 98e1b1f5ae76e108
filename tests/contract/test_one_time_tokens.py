"""What every store of mailed tokens does (`core.identity.OneTimeTokenRepository`)."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from builders import NOON, a_user
from quayside.core.identity import Begin, OneTimeToken, TokenPurpose, User, UserNotFoundError, hash_of
from quayside.core.kernel import ConcurrencyConflictError

RESET, VERIFICATION = TokenPurpose.PASSWORD_RESET, TokenPurpose.EMAIL_VERIFICATION


async def an_account(begin: Begin) -> User:
    user = a_user()
    async with begin() as tx:
        await tx.users.save(user, user.registered())
    return user


@pytest.fixture
async def user(begin: Begin) -> User:
    """An account that was made."""
    return await an_account(begin)


def a_token(user: User, text: str = "token", purpose: TokenPurpose = RESET) -> OneTimeToken:
    return OneTimeToken(hash_of(text), purpose, user.id, user.email, NOON + timedelta(hours=1))


async def added(begin: Begin, *tokens: OneTimeToken) -> None:
    async with begin() as tx:
        for token in tokens:
            await tx.one_time_tokens.add(token)


async def taken(begin: Begin, text: str = "token", purpose: TokenPurpose = RESET) -> OneTimeToken | None:
    async with begin() as tx:
        return await tx.one_time_tokens.take(hash_of(text), purpose)


async def test_a_token_is_taken_once_and_whole(begin: Begin, user: User) -> None:
    token = a_token(user)
    await added(begin, token)

    assert await taken(begin) == token
    assert await taken(begin) is None


async def test_a_look_leaves_the_token_there(begin: Begin, user: User) -> None:
    token = a_token(user)
    await added(begin, token)

    async with begin() as tx:
        assert await tx.one_time_tokens.find(token.token_hash, RESET) == token
        assert await tx.one_time_tokens.find(token.token_hash, VERIFICATION) is None
        assert await tx.one_time_tokens.find(hash_of("unknown"), RESET) is None
    assert await taken(begin) == token


async def test_a_token_is_good_for_its_own_purpose_alone(begin: Begin, user: User) -> None:
    token = a_token(user, purpose=VERIFICATION)
    await added(begin, token)

    assert await taken(begin, purpose=RESET) is None
    assert await taken(begin, purpose=VERIFICATION) == token


async def test_an_unknown_token_is_nobodys(begin: Begin) -> None:
    assert await taken(begin, "unknown") is None


async def test_a_failed_transaction_neither_adds_nor_takes(begin: Begin, user: User) -> None:
    kept, never = a_token(user, "kept"), a_token(user, "never")
    await added(begin, kept)

    with pytest.raises(ZeroDivisionError):
        async with begin() as tx:
            await tx.one_time_tokens.add(never)
            assert await tx.one_time_tokens.take(kept.token_hash, RESET) == kept
            raise ZeroDivisionError

    assert await taken(begin, "kept") == kept
    assert await taken(begin, "never") is None


async def test_of_ten_who_race_for_a_token_one_gets_it(begin: Begin, user: User) -> None:
    await added(begin, a_token(user))

    async def take() -> OneTimeToken | None:
        async with begin() as tx:
            token = await tx.one_time_tokens.take(hash_of("token"), RESET)
            await asyncio.sleep(0.005)
            return token

    outcomes = await asyncio.gather(*(take() for _ in range(10)), return_exceptions=True)

    # A store may let the others wait and find nothing, or refuse them at their end.
    assert outcomes.count(a_token(user)) == 1
    losers = [outcome for outcome in outcomes if not isinstance(outcome, OneTimeToken)]
    assert all(outcome is None or isinstance(outcome, ConcurrencyConflictError) for outcome in losers)


async def test_a_users_tokens_of_one_purpose_are_discarded_together(begin: Begin, user: User) -> None:
    stranger = await an_account(begin)
    theirs, other = a_token(stranger, "theirs"), a_token(user, "other", VERIFICATION)
    await added(begin, a_token(user, "one"), a_token(user, "two"), theirs, other)

    async with begin() as tx:
        await tx.one_time_tokens.discard_of(user.id, RESET)

    assert [await taken(begin, text) for text in ("one", "two", "theirs")] == [None, None, theirs]
    assert await taken(begin, "other", VERIFICATION) == other


async def test_a_token_of_nobody_is_refused(begin: Begin) -> None:
    with pytest.raises(UserNotFoundError):
        await added(begin, a_token(a_user()))

    assert await taken(begin) is None


async def test_the_tokens_of_a_deleted_user_go_with_it(begin: Begin, user: User) -> None:
    await added(begin, a_token(user))

    async with begin() as tx:
        await tx.users.delete(user, user.delete(at=NOON))

    assert await taken(begin) is None


async def test_tokens_that_expired_are_discarded_bit_by_bit_and_no_others(begin: Begin, user: User) -> None:
    expires_at = a_token(user).expires_at
    late = evolve(a_token(user, "late"), expires_at=expires_at + timedelta(seconds=1))
    await added(begin, *(a_token(user, text) for text in "abc"), late)

    counts = []
    for _ in range(3):
        async with begin() as tx:
            counts.append(await tx.one_time_tokens.discard_expired(late.expires_at, 2))

    assert counts == [2, 1, 0]
    assert await taken(begin, "a") is None
    assert await taken(begin, "late") == late
