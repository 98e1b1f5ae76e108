"""Sessions: which ones there are, and how they end."""

import asyncio
from datetime import timedelta

import pytest

from builders import HOME, PASSWORD, Accounts
from quayside.core.identity import (
    LoggedIn,
    Role,
    SessionEnd,
    SessionEnded,
    SessionExpiredError,
    SessionId,
    SessionNotFoundError,
)
from quayside.core.kernel import Secret

DAY = timedelta(days=1)


async def is_dead(accounts: Accounts, logged_in: LoggedIn) -> bool:
    """Whether neither of the tokens of a login counts any more."""
    for token in (logged_in.token.reveal(), logged_in.access_token.token):
        try:
            await accounts.authenticate(token)
        except SessionExpiredError:
            continue
        return False
    return True


async def test_logging_out_ends_both_tokens_at_once(accounts: Accounts) -> None:
    await accounts.has("ada")
    logged_in, other = await accounts.enter("ada"), await accounts.enter("ada")
    caller = await accounts.authenticate(logged_in.access_token.token)

    await accounts.log_out(caller)
    await accounts.log_out(caller)

    assert await is_dead(accounts, logged_in)
    assert not await is_dead(accounts, other)
    assert await accounts.story(logged_in.session.stream) == ["UserLoggedIn", "SessionEnded"]


async def test_logging_out_twice_at_once_is_logging_out(accounts: Accounts) -> None:
    await accounts.has("ada")
    caller = await accounts.caller("ada")

    await asyncio.gather(accounts.log_out(caller), accounts.log_out(caller))

    assert await accounts.list_sessions(caller) == ()


async def test_callers_see_their_own_living_sessions_newest_first(accounts: Accounts) -> None:
    await accounts.has("ada")
    await accounts.has("grace")
    await accounts.enter("ada", ip_address="192.0.2.9")
    accounts.clock.advance(DAY)
    ended = await accounts.caller("ada")
    await accounts.log_out(ended)
    second = await accounts.enter("ada")
    caller = await accounts.caller("ada")
    await accounts.enter("grace")

    shown = await accounts.list_sessions(caller)

    assert [session.id for session in shown] == [caller.session_id, second.session.id]
    assert {session.ip_address for session in shown} == {HOME}


async def test_a_caller_ends_one_of_their_sessions(accounts: Accounts) -> None:
    await accounts.has("ada")
    lost, caller = await accounts.enter("ada"), await accounts.caller("ada")

    await accounts.end_session(caller, lost.session.id)

    assert await is_dead(accounts, lost)
    assert len(await accounts.list_sessions(caller)) == 1


async def test_a_session_that_is_anothers_or_has_ended_is_not_found(accounts: Accounts) -> None:
    await accounts.has("ada")
    await accounts.has("mallory", Role.ADMIN)
    ada, mallory = await accounts.enter("ada"), await accounts.caller("mallory")

    with pytest.raises(SessionNotFoundError):
        await accounts.end_session(mallory, ada.session.id)
    with pytest.raises(SessionNotFoundError):
        await accounts.end_session(mallory, SessionId(mallory.user_id))
    owner = await accounts.authenticate(ada.token.reveal())
    await accounts.end_session(owner, ada.session.id)
    with pytest.raises(SessionNotFoundError):
        await accounts.end_session(owner, ada.session.id)


async def test_a_caller_ends_all_other_sessions(accounts: Accounts) -> None:
    await accounts.has("ada")
    others = [await accounts.enter("ada") for _ in range(3)]
    caller = await accounts.caller("ada")

    await accounts.end_sessions(caller.user_id, keep=SessionId(caller.session_id))

    assert all([await is_dead(accounts, other) for other in others])
    [left] = await accounts.list_sessions(caller)
    assert left.id == caller.session_id


async def test_an_operator_ends_all_sessions(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    logins = [await accounts.enter("ada") for _ in range(2)]

    await accounts.end_sessions(user.id)

    assert all([await is_dead(accounts, login) for login in logins])


async def test_a_session_that_has_run_out_is_not_ended_again(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    old = await accounts.enter("ada")
    accounts.clock.advance(7 * DAY)

    await accounts.end_sessions(user.id)

    assert await accounts.story(old.session.stream) == ["UserLoggedIn"]


async def test_what_ended_a_session_is_recorded(accounts: Accounts) -> None:
    user = await accounts.has("ada")
    first, second, third = [await accounts.enter("ada") for _ in range(3)]
    callers = [await accounts.authenticate(each.token.reveal()) for each in (first, second, third)]

    await accounts.log_out(callers[0])
    await accounts.change_password(
        callers[1], user.id, current_password=Secret(PASSWORD), new_password=Secret("Another password 1")
    )
    await accounts.end_session(callers[1], second.session.id)

    reasons = []
    for login in (first, second, third):
        *_, last = await accounts.store.events.read_stream(login.session.stream)
        assert isinstance(last.event, SessionEnded)
        reasons.append(last.event.reason)
    assert reasons == ["logged_out", "revoked", "password_changed"]


async def test_one_login_more_than_a_hundred_ends_the_oldest(accounts: Accounts) -> None:
    await accounts.has("ada")
    oldest, second, *_ = [await accounts.enter("ada") for _ in range(100)]
    assert not await is_dead(accounts, oldest)

    newest = await accounts.enter("ada")

    assert [await is_dead(accounts, login) for login in (oldest, second, newest)] == [True, False, False]
    *_, last = await accounts.store.events.read_stream(oldest.session.stream)
    assert isinstance(last.event, SessionEnded)
    assert last.event.reason is SessionEnd.TOO_MANY


async def test_sessions_that_have_run_out_are_not_too_many(accounts: Accounts) -> None:
    await accounts.has("ada")
    logins = [await accounts.enter("ada") for _ in range(100)]
    accounts.clock.advance(7 * DAY)

    await accounts.enter("ada")

    assert await accounts.story(logins[0].session.stream) == ["UserLoggedIn"]
