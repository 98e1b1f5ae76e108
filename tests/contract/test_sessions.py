"""What every store of sessions does (`core.identity.SessionRepository`, `SessionQueries`)."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from builders import NOON, a_session, a_user
from postgres_databases import SERVERS
from quayside.core.eventlog import EventReader
from quayside.core.identity import (
    Begin,
    OneTimeToken,
    Session,
    SessionEnd,
    SessionId,
    SessionNotFoundError,
    SessionQueries,
    TokenPurpose,
    User,
    UserNotFoundError,
    hash_of,
)
from quayside.core.kernel import ConcurrencyConflictError, UserId

HARBOUR, ELSEWHERE = "192.0.2.1", "2001:db8::1"


@pytest.fixture
async def user(begin: Begin) -> User:
    """An account that was made."""
    user = a_user()
    async with begin() as tx:
        await tx.users.save(user, user.registered())
    return user


async def saved(begin: Begin, session: Session) -> Session:
    async with begin() as tx:
        await tx.sessions.save(session, session.began())
    return session


async def ended(begin: Begin, session: Session) -> None:
    async with begin() as tx:
        await tx.sessions.save(session, session.end(SessionEnd.LOGGED_OUT, at=NOON))


async def deleted(begin: Begin, user: User) -> None:
    async with begin() as tx:
        await tx.users.delete(user, user.delete(at=NOON))


def facts(subject: Session | User) -> dict[str, object]:
    return {name: getattr(subject, name) for name in type(subject).__slots__ if name != "__weakref__"}


async def last_activity(sessions: SessionQueries, session: Session) -> datetime:
    login = await sessions.find(session.id)
    assert login is not None
    return login.session.last_activity_at


async def test_a_saved_session_is_read_back_whole_with_its_user(
    begin: Begin, sessions: SessionQueries, user: User, events: EventReader
) -> None:
    session = a_session(user, ip_address=ELSEWHERE, user_agent="Möwe/1.0 🐦")
    await saved(begin, a_session(user))

    await saved(begin, session)

    for login in (await sessions.find(session.id), await sessions.find_by_token(session.token_hash)):
        assert login is not None
        assert login.user is not None
        assert (facts(login.session), facts(login.user)) == (facts(session), facts(user))
    async with begin() as tx:
        assert facts(await tx.sessions.get(session.id)) == facts(session)
    assert session.version == 1
    assert [each.event for each in await events.read_stream(session.stream)] == [session.began()]


async def test_an_ended_session_is_still_found(begin: Begin, sessions: SessionQueries, user: User) -> None:
    session = await saved(begin, a_session(user))

    await ended(begin, session)

    login = await sessions.find_by_token(session.token_hash)
    assert login is not None
    assert facts(login.session) == facts(session)
    assert login.session.ended_at == NOON


async def test_an_unknown_session_is_not_found(begin: Begin, sessions: SessionQueries) -> None:
    unknown = SessionId(uuid4())

    assert await sessions.find(unknown) is None
    assert await sessions.find_by_token(hash_of("unknown")) is None
    async with begin() as tx:
        with pytest.raises(SessionNotFoundError):
            await tx.sessions.get(unknown)


async def test_a_session_of_nobody_is_refused_and_leaves_nothing(
    begin: Begin, user: User, events: EventReader
) -> None:
    session, other = a_session(a_user()), a_session(user)

    async with begin() as tx:
        with pytest.raises(UserNotFoundError):
            await tx.sessions.save(session, session.began())
        await tx.sessions.save(other, other.began())

    assert session.version == 0
    assert list(await events.read_stream(session.stream)) == []
    assert len(await events.read_stream(other.stream)) == 1


async def test_a_stale_save_is_refused_and_changes_nothing(
    begin: Begin, sessions: SessionQueries, user: User
) -> None:
    session = await saved(begin, a_session(user))
    async with begin() as tx:
        stale = await tx.sessions.get(session.id)
    await ended(begin, session)

    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            later = NOON + timedelta(hours=1)
            await tx.sessions.save(stale, stale.end(SessionEnd.REVOKED, at=later))

    login = await sessions.find(session.id)
    assert login is not None
    assert login.session.ended_at == NOON


async def test_what_a_failed_transaction_saved_is_not_there(
    begin: Begin, sessions: SessionQueries, user: User
) -> None:
    session = a_session(user)

    with pytest.raises(ZeroDivisionError):
        async with begin() as tx:
            await tx.sessions.save(session, session.began())
            raise ZeroDivisionError

    assert await sessions.find(session.id) is None


async def test_the_sessions_of_a_user_are_those_that_neither_ended_nor_ran_out_newest_first(
    begin: Begin, user: User
) -> None:
    later = NOON + timedelta(microseconds=1)
    stranger = a_user()
    async with begin() as tx:
        await tx.users.save(stranger, stranger.registered())
    await saved(begin, a_session(user, created_at=NOON - timedelta(days=30), expires_at=NOON))
    old = await saved(begin, a_session(user, created_at=NOON - timedelta(days=7), expires_at=later))
    tied = [await saved(begin, a_session(user)) for _ in range(2)]
    await ended(begin, await saved(begin, a_session(user)))
    theirs = await saved(begin, a_session(stranger))

    async with begin() as tx:
        mine = await tx.sessions.not_ended_of(user.id, NOON)
        assert [facts(session) for session in mine] == [facts(session) for session in (*tied[::-1], old)]
        assert [session.id for session in await tx.sessions.not_ended_of(stranger.id, NOON)] == [theirs.id]
        assert list(await tx.sessions.not_ended_of(UserId(uuid4()), NOON)) == []


async def test_logins_of_one_user_at_once_all_get_a_session(begin: Begin, user: User) -> None:
    made = await asyncio.gather(*(saved(begin, a_session(user)) for _ in range(10)))

    async with begin() as tx:
        assert {session.id for session in await tx.sessions.not_ended_of(user.id, NOON)} == {
            session.id for session in made
        }


async def test_activity_is_noted_without_an_event(
    begin: Begin, sessions: SessionQueries, user: User, events: EventReader
) -> None:
    session = await saved(begin, a_session(user))
    other = await saved(begin, a_session(user))
    later = NOON + timedelta(minutes=1)

    await sessions.touch(session.id, later)

    assert await last_activity(sessions, session) == later
    assert await last_activity(sessions, other) == NOON
    assert len(await events.read_stream(session.stream)) == 1
    await ended(begin, session)


async def test_activity_never_goes_back(begin: Begin, sessions: SessionQueries, user: User) -> None:
    session = await saved(begin, a_session(user))
    later = NOON + timedelta(minutes=2)

    await sessions.touch(session.id, later)
    await sessions.touch(session.id, NOON + timedelta(minutes=1))

    assert await last_activity(sessions, session) == later


async def test_activity_of_an_unknown_session_is_nobodys(sessions: SessionQueries) -> None:
    unknown = SessionId(uuid4())

    await sessions.touch(unknown, NOON)

    assert await sessions.find(unknown) is None


async def test_an_address_is_known_from_any_login_of_that_user(
    begin: Begin, sessions: SessionQueries, user: User
) -> None:
    await ended(begin, await saved(begin, a_session(user, ip_address=HARBOUR)))
    await saved(begin, a_session(user))

    assert await sessions.has_logged_in_from(user.id, HARBOUR)
    assert not await sessions.has_logged_in_from(user.id, "192.0.2.2")
    assert not await sessions.has_logged_in_from(user.id, "2001:db8::/64")
    assert not await sessions.has_logged_in_from(UserId(uuid4()), HARBOUR)


async def test_a_site_is_known_from_a_login_at_any_of_its_addresses(
    begin: Begin, sessions: SessionQueries, user: User
) -> None:
    await saved(begin, a_session(user, ip_address=ELSEWHERE))

    assert await sessions.has_logged_in_from(user.id, "2001:db8::/64")
    assert not await sessions.has_logged_in_from(user.id, "2001:db8:0:1::/64")
    assert not await sessions.has_logged_in_from(user.id, HARBOUR)


async def test_sessions_that_expired_are_discarded_bit_by_bit_and_leave_their_streams(
    begin: Begin, sessions: SessionQueries, user: User, events: EventReader
) -> None:
    old = [await saved(begin, a_session(user)) for _ in range(3)]
    await ended(begin, old[0])
    late = await saved(begin, a_session(user, expires_at=old[0].expires_at + timedelta(seconds=1)))

    counts = []
    for _ in range(3):
        async with begin() as tx:
            counts.append(await tx.sessions.discard_expired(late.expires_at, 2))

    assert counts == [2, 1, 0]
    assert [await sessions.find(session.id) for session in old] == [None] * 3
    assert await sessions.find(late.id) is not None
    assert len(await events.read_stream(old[0].stream)) == 2


async def test_the_sessions_of_a_deleted_user_are_found_without_it_and_without_where_they_came_from(
    begin: Begin, sessions: SessionQueries, user: User, events: EventReader
) -> None:
    session = await saved(begin, a_session(user, ip_address=HARBOUR, user_agent="Möwe/1.0"))
    await ended(begin, session)

    await deleted(begin, user)

    for login in (await sessions.find(session.id), await sessions.find_by_token(session.token_hash)):
        assert login is not None
        assert login.user is None
        assert facts(login.session) == facts(session) | {"ip_address": None, "user_agent": None}
    assert not await sessions.has_logged_in_from(user.id, HARBOUR)
    assert len(await events.read_stream(session.stream)) == 2


async def test_the_sessions_of_a_deleted_user_take_no_change_and_are_discarded_like_any_other(
    begin: Begin, sessions: SessionQueries, user: User
) -> None:
    session, early = await saved(begin, a_session(user)), a_session(user, expires_at=NOON)
    await saved(begin, early)
    await deleted(begin, user)

    with pytest.raises(UserNotFoundError):
        await ended(begin, session)
    async with begin() as tx:
        assert await tx.sessions.discard_expired(session.expires_at, 10) == 1

    assert await sessions.find(early.id) is None
    assert await sessions.find(session.id) is not None


async def test_what_a_failed_deletion_would_have_left_out_is_there(
    begin: Begin, sessions: SessionQueries, user: User
) -> None:
    session = await saved(begin, a_session(user, ip_address=HARBOUR))

    with pytest.raises(ZeroDivisionError):
        async with begin() as tx:
            await tx.users.delete(user, user.delete(at=NOON))
            raise ZeroDivisionError

    login = await sessions.find(session.id)
    assert login is not None
    assert facts(login.session) == facts(session)


@pytest.mark.parametrize("storage_url", SERVERS, indirect=True)
async def test_a_login_that_races_with_the_deletion_of_its_user_leaves_nothing(
    begin: Begin, storage_url: str, user: User
) -> None:
    logins = (saved(begin, a_session(user, ip_address=HARBOUR)) for _ in range(5))

    outcomes = await asyncio.gather(*logins, deleted(begin, user), return_exceptions=True)

    assert all(isinstance(outcome, Session | UserNotFoundError | None) for outcome in outcomes)
    assert HARBOUR not in all_rows(storage_url)


@pytest.mark.parametrize("storage_url", SERVERS, indirect=True)
async def test_nothing_personal_outlives_a_deleted_user(begin: Begin, storage_url: str) -> None:
    user = a_user(username="Ada_Lovelace", email="ada@example.com", password_hash="$argon2id$hers")
    # No three letters that a hash or an id in hexadecimal digits could hold by chance.
    personal = ["lovelace", "ada@", "argon2id", HARBOUR, "Möwe", "old@example.com"]
    async with begin() as tx:
        await tx.users.save(user, user.registered())
        for purpose in TokenPurpose:
            await tx.one_time_tokens.add(
                OneTimeToken(hash_of(purpose), purpose, user.id, "old@example.com", NOON)
            )
    await saved(begin, a_session(user, ip_address=HARBOUR, user_agent="Möwe/1.0"))
    held = all_rows(storage_url).lower()
    assert [text for text in personal if text.lower() not in held] == []

    await deleted(begin, user)

    left = all_rows(storage_url)
    assert [text for text in personal if text.lower() in left.lower()] == []
    assert str(user.id) in left


def all_rows(conninfo: str) -> str:
    """Everything that the database holds, as text."""
    with psycopg.connect(conninfo) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return "\n".join(
            text
            for (table,) in tables
            for (text,) in connection.execute(
                sql.SQL("SELECT {0}::text FROM {0}").format(sql.Identifier(table))
            )
        )
