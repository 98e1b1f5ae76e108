"""Who a token is, and for how long it counts."""

from datetime import timedelta
from weakref import ref

import pytest
from attrs import evolve

from builders import Accounts
from quayside.adapters.security.key_ring import JwtAlgorithm, JwtKey, KeyRing
from quayside.core.identity import (
    LoggedIn,
    Role,
    SessionEnd,
    SessionExpiredError,
    SessionId,
    UnauthenticatedError,
)
from quayside.core.kernel import Permission, Scope, UserId

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def is_dead(accounts: Accounts, logged_in: LoggedIn) -> bool:
    """Whether neither of the tokens of a login counts any more."""
    for token in (logged_in.token.reveal(), logged_in.access_token.token):
        try:
            await accounts.authenticate(token)
        except SessionExpiredError:
            continue
        return False
    return True


async def last_activity(accounts: Accounts, logged_in: LoggedIn) -> timedelta:
    """How long after its beginning the session's activity was recorded last."""
    found = await accounts.store.sessions.find(logged_in.session.id)
    assert found is not None
    return found.session.last_activity_at - found.session.created_at


@pytest.mark.parametrize("kind", ["session", "access"])
async def test_both_tokens_tell_who_calls_and_what_they_may_do(accounts: Accounts, kind: str) -> None:
    user = await accounts.has("ada", Role.STAFF)
    logged_in = await accounts.enter("ada")

    token = logged_in.token.reveal() if kind == "session" else logged_in.access_token.token
    principal = await accounts.authenticate(token)

    assert (principal.user_id, principal.session_id) == (user.id, logged_in.session.id)
    assert principal.roles == {"User", "Staff"}
    assert principal.grants[Permission.PAYMENTS_READ] is Scope.ANY
    assert not principal.may(Permission.USERS_WRITE)


@pytest.mark.parametrize("token", ["", "A" * 43, "a.b.c", "\x00", "ä" * 43, "A" * 44])
async def test_a_token_that_is_none_of_ours_is_nobody(accounts: Accounts, token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        await accounts.authenticate(token)


async def test_a_session_ends_after_seven_days_however_busy(accounts: Accounts) -> None:
    await accounts.has("ada")
    logged_in = await accounts.enter("ada")
    for _ in range(7 * 24 - 1):
        accounts.clock.advance(HOUR)
        await accounts.authenticate(logged_in.token.reveal())

    accounts.clock.advance(HOUR)

    assert await is_dead(accounts, logged_in)


async def test_a_session_ends_after_a_day_without_activity(accounts: Accounts) -> None:
    await accounts.has("ada")
    logged_in = await accounts.enter("ada")

    accounts.clock.advance(DAY - SECOND)
    await accounts.authenticate(logged_in.token.reveal())
    accounts.clock.advance(DAY)

    assert await is_dead(accounts, logged_in)


async def test_activity_is_recorded_once_a_minute_at_most(accounts: Accounts) -> None:
    await accounts.has("ada")
    logged_in = await accounts.enter("ada")
    seen = []
    for _ in range(4):
        accounts.clock.advance(30 * SECOND)
        await accounts.authenticate(logged_in.token.reveal())
        seen.append(await last_activity(accounts, logged_in))

    assert seen == [timedelta(), MINUTE, MINUTE, 2 * MINUTE]


async def test_an_access_token_is_activity_too(accounts: Accounts) -> None:
    await accounts.has("ada")
    logged_in = await accounts.enter("ada")

    accounts.clock.advance(MINUTE)
    await accounts.authenticate(logged_in.access_token.token)

    assert await last_activity(accounts, logged_in) == MINUTE


async def test_a_session_gives_new_access_tokens_and_an_access_token_none(accounts: Accounts) -> None:
    await accounts.has("ada")
    logged_in = await accounts.enter("ada")
    accounts.clock.advance(HOUR)

    renewed = await accounts.issue_access_token(logged_in.token.reveal())

    assert renewed.expires_at == accounts.clock() + 15 * MINUTE
    assert (await accounts.authenticate(renewed.token)).session_id == logged_in.session.id
    with pytest.raises(UnauthenticatedError):
        await accounts.issue_access_token(renewed.token)
    with pytest.raises(UnauthenticatedError):
        await accounts.issue_access_token("A" * 43)


async def test_a_session_that_has_ended_gives_no_access_token(accounts: Accounts) -> None:
    await accounts.has("ada")
    logged_in = await accounts.enter("ada")
    await accounts.log_out(await accounts.authenticate(logged_in.token.reveal()))

    with pytest.raises(SessionExpiredError):
        await accounts.issue_access_token(logged_in.token.reveal())


async def test_a_principal_is_remembered_for_a_second_and_no_longer(accounts: Accounts) -> None:
    await accounts.has("ada")
    logged_in = await accounts.enter("ada")
    token = logged_in.token.reveal()
    await accounts.authenticate(token)
    async with accounts.store.begin() as elsewhere:  # another node, which tells this one nothing
        session = await elsewhere.sessions.get(logged_in.session.id)
        await elsewhere.sessions.save(session, session.end(SessionEnd.REVOKED, at=accounts.clock()))

    accounts.clock.advance(0.999 * SECOND)
    await accounts.authenticate(token)
    accounts.clock.advance(0.001 * SECOND)

    with pytest.raises(SessionExpiredError):
        await accounts.authenticate(token)


async def test_an_access_token_that_has_run_out_counts_for_a_second_more_at_most(accounts: Accounts) -> None:
    await accounts.has("ada")
    token = (await accounts.enter("ada")).access_token.token
    accounts.clock.advance(15 * MINUTE + 30 * SECOND - 0.001 * SECOND)  # clocks may differ by half a minute
    await accounts.authenticate(token)

    accounts.clock.advance(0.999 * SECOND)
    await accounts.authenticate(token)
    accounts.clock.advance(0.001 * SECOND)

    with pytest.raises(SessionExpiredError):
        await accounts.authenticate(token)


async def test_an_access_token_whose_key_was_withdrawn_counts_for_a_second_more_at_most(
    accounts: Accounts,
) -> None:
    await accounts.has("ada")
    token = (await accounts.enter("ada")).access_token.token
    await accounts.authenticate(token)
    accounts.keys = KeyRing(JwtKey.generate(JwtAlgorithm.EDDSA))

    accounts.clock.advance(0.999 * SECOND)
    await accounts.authenticate(token)
    accounts.clock.advance(0.001 * SECOND)

    with pytest.raises(UnauthenticatedError):
        await accounts.authenticate(token)


async def test_roles_that_change_count_at_once(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    token = (await accounts.enter("ada")).token.reveal()
    assert not (await accounts.authenticate(token)).may(Permission.USERS_WRITE)

    await accounts.set_roles(user.id, ["Admin"])

    assert (await accounts.authenticate(token)).may(Permission.USERS_WRITE)


async def test_what_was_read_before_a_session_ended_is_not_remembered_after(accounts: Accounts) -> None:
    await accounts.has("ada")
    principal = await accounts.caller("ada")
    accounts.clock.advance(HOUR)
    principals = accounts.principals
    read_at = principals.now()

    accounts.clock.advance(0.01 * SECOND)
    principals.forget_session(SessionId(principal.session_id))
    principals.keep("token", principal, read_at=read_at)

    assert principals.find("token") is None


async def test_others_stay_remembered(accounts: Accounts) -> None:
    await accounts.has("ada")
    principal = await accounts.caller("ada")
    accounts.clock.advance(HOUR)
    principals = accounts.principals
    principals.keep("token", principal, read_at=principals.now())

    principals.forget_user(UserId(principal.session_id))

    assert principals.find("token") == principal


async def test_what_was_remembered_for_its_second_takes_no_room_after(accounts: Accounts) -> None:
    await accounts.has("ada")
    principal = await accounts.caller("ada")
    principals = accounts.principals
    accounts.clock.advance(HOUR)
    principals.keep("token", principal, read_at=principals.now())
    kept = ref(principal)
    another = evolve(principal)
    del principal

    accounts.clock.advance(SECOND)
    principals.keep("another", another, read_at=principals.now())

    assert kept() is None
