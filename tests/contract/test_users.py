"""What every store of accounts does (`core.identity.UserRepository`, `UserQueries`)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from builders import NOON, a_user
from quayside.core.eventlog import EventReader
from quayside.core.identity import Begin, Role, User, UserNotFoundError, UserQueries
from quayside.core.kernel import ConcurrencyConflictError, PageRequest, Place, SliceRequest, UserId

ADMIN = frozenset({Role.USER, Role.ADMIN})


async def saved(begin: Begin, user: User) -> User:
    async with begin() as tx:
        await tx.users.save(user, user.registered())
    return user


async def deleted(begin: Begin, user: User) -> None:
    async with begin() as tx:
        await tx.users.delete(user, user.delete(at=NOON))


async def moved(begin: Begin, user: User, email: str) -> None:
    async with begin() as tx:
        await tx.users.save(user, user.change_email(email, at=NOON))


def facts(user: User) -> dict[str, object]:
    return {name: getattr(user, name) for name in User.__slots__ if name != "__weakref__"}


async def story_of(user: User, events: EventReader) -> list[str]:
    return [recorded.event.type_name() for recorded in await events.read_stream(user.stream)]


async def test_a_saved_account_is_read_back_whole(
    begin: Begin, users: UserQueries, events: EventReader
) -> None:
    user = a_user(username="Ada_L", email="Zoë+x@Exämple.com", roles=ADMIN, email_verified=True)

    await saved(begin, user)

    assert facts(await users.get(user.id)) == facts(user)
    async with begin() as tx:
        assert facts(await tx.users.get(user.id)) == facts(user)
    assert user.version == 1
    assert await story_of(user, events) == ["UserRegistered"]


async def test_every_change_is_read_back(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user())

    async with begin() as tx:
        later = NOON + timedelta(microseconds=1)
        await tx.users.save(user, user.change_email("new@example.com", at=later))
        await tx.users.save(user, user.verify_email(at=later))
        await tx.users.save(user, user.reset_password("another hash", at=later))
        await tx.users.save(user, user.take_roles([Role.STAFF], at=later))

    assert facts(await users.get(user.id)) == facts(user)
    assert user.version == 5


async def test_an_unknown_account_is_not_found(begin: Begin, users: UserQueries) -> None:
    unknown = UserId(uuid4())

    with pytest.raises(UserNotFoundError):
        await users.get(unknown)
    async with begin() as tx:
        with pytest.raises(UserNotFoundError):
            await tx.users.get(unknown)
    assert await users.find_by_login("nobody") is None


async def test_a_stale_save_is_refused_and_changes_nothing(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user())
    async with begin() as tx:
        stale = await tx.users.get(user.id)
        await tx.users.save(user, user.verify_email(at=NOON))

    with pytest.raises(ConcurrencyConflictError):
        await moved(begin, stale, "stale@example.com")

    assert facts(await users.get(user.id)) == facts(user)
    assert await users.taken(emails=["stale@example.com"]) == frozenset()


async def test_a_save_of_nothing_new_still_refuses_the_stale(begin: Begin) -> None:
    user = await saved(begin, a_user())
    async with begin() as tx:
        stale = await tx.users.get(user.id)
        await tx.users.save(user, user.verify_email(at=NOON))

    async with begin() as tx:
        await tx.users.save(user)
    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            await tx.users.save(stale)

    assert user.version == 2


async def test_of_racing_changes_one_wins(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user())
    all_have_read = asyncio.Barrier(5)

    async def change(n: int) -> None:
        async with begin() as tx:
            mine = await tx.users.get(user.id)
            await all_have_read.wait()
            await tx.users.save(mine, mine.change_password(f"hash {n}", at=NOON))

    outcomes = await asyncio.gather(*(change(n) for n in range(5)), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, ConcurrencyConflictError) for outcome in outcomes) == 4
    assert (await users.get(user.id)).version == 2


async def test_what_a_failed_transaction_saved_is_not_there(
    begin: Begin, users: UserQueries, events: EventReader
) -> None:
    user = a_user()

    with pytest.raises(ZeroDivisionError):
        async with begin() as tx:
            await tx.users.save(user, user.registered())
            raise ZeroDivisionError

    with pytest.raises(UserNotFoundError):
        await users.get(user.id)
    assert await users.find_by_login(user.username) is None
    assert await users.taken(usernames=[user.username], emails=[user.email]) == frozenset()
    assert await story_of(user, events) == []


async def test_a_change_is_invisible_until_it_is_saved(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user())

    user.verify_email(at=NOON)

    assert not (await users.get(user.id)).email_verified


@pytest.mark.parametrize("login", ["Ada_L", "ada_l", "ADA_L", "Ada@Straße.example", "ADA@STRASSE.EXAMPLE"])
async def test_an_account_is_found_by_either_name_in_any_case(
    begin: Begin, users: UserQueries, login: str
) -> None:
    user = await saved(begin, a_user(username="Ada_L", email="Ada@Straße.example"))
    await saved(begin, a_user())

    found = await users.find_by_login(login)

    assert found is not None
    assert facts(found) == facts(user)


async def test_an_account_is_not_found_by_an_address_it_had_before(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user(email="old@example.com"))
    await moved(begin, user, "new@example.com")

    assert await users.find_by_login("old@example.com") is None
    found = await users.find_by_login("new@example.com")
    assert found is not None
    assert found.id == user.id


async def test_a_deleted_account_is_gone_and_its_story_stays(
    begin: Begin, users: UserQueries, events: EventReader
) -> None:
    user = await saved(begin, a_user())

    await deleted(begin, user)

    with pytest.raises(UserNotFoundError):
        await users.get(user.id)
    assert await users.find_by_login(user.username) is None
    assert (await users.list(PageRequest())).items == ()
    assert await story_of(user, events) == ["UserRegistered", "UserDeleted"]


async def test_a_stale_deletion_is_refused(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user())
    async with begin() as tx:
        stale = await tx.users.get(user.id)
        await tx.users.save(user, user.verify_email(at=NOON))

    with pytest.raises(ConcurrencyConflictError):
        await deleted(begin, stale)

    assert facts(await users.get(user.id)) == facts(user)


async def test_a_deleted_account_cannot_be_saved_again(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user())
    stale = await users.get(user.id)
    await deleted(begin, user)

    with pytest.raises(ConcurrencyConflictError):
        await moved(begin, stale, "new@example.com")

    with pytest.raises(UserNotFoundError):
        await users.get(user.id)


async def test_a_failed_transaction_deletes_nothing(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user())

    with pytest.raises(ZeroDivisionError):
        async with begin() as tx:
            await tx.users.delete(user, user.delete(at=NOON))
            raise ZeroDivisionError

    assert (await users.get(user.id)).id == user.id


async def test_a_list_is_newest_first_with_ties_by_id(begin: Begin, users: UserQueries) -> None:
    old = await saved(begin, a_user(created_at=NOON - timedelta(microseconds=1)))
    tied = [await saved(begin, a_user()) for _ in range(3)]

    page = await users.list(PageRequest())

    assert [facts(user) for user in page.items] == [facts(user) for user in (*tied[::-1], old)]


async def test_a_list_comes_in_pages(begin: Begin, users: UserQueries) -> None:
    ids = [(await saved(begin, a_user())).id for _ in range(5)][::-1]

    pages = [await users.list(PageRequest(page=n, page_size=2)) for n in (1, 2, 3, 4)]

    assert [[user.id for user in page.items] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]
    assert {page.total_count for page in pages} == {5}


async def test_a_list_is_walked_by_key(begin: Begin, users: UserQueries) -> None:
    old = await saved(begin, a_user(created_at=NOON - timedelta(microseconds=1)))
    tied = [await saved(begin, a_user()) for _ in range(4)][::-1]
    second_place = SliceRequest(Place.of(tied[0]), 2)

    await saved(begin, a_user())
    await deleted(begin, tied[0])
    second = await users.list_after(second_place)
    third = await users.list_after(SliceRequest(Place.of(tied[2]), 2))
    beyond = await users.list_after(SliceRequest(Place.of(old), 2))

    assert [facts(user) for user in second.items] == [facts(user) for user in tied[1:3]]
    assert [facts(user) for user in third.items] == [facts(tied[3]), facts(old)]
    assert [part.has_next_page for part in (second, third, beyond)] == [True, False, False]
    assert beyond.items == ()


async def test_a_list_without_rows_is_empty(users: UserQueries) -> None:
    page = await users.list(PageRequest())

    assert (page.items, page.total_count, page.total_pages) == ((), 0, 0)


async def test_admins_are_those_who_are_now(begin: Begin) -> None:
    await saved(begin, a_user())
    await saved(begin, a_user(roles=frozenset({Role.USER, Role.STAFF})))
    admin, demoted, gone = [await saved(begin, a_user(roles=ADMIN)) for _ in range(3)]

    async with begin() as tx:
        assert await tx.users.lock_admins() == {admin.id, demoted.id, gone.id}
        await tx.users.save(demoted, demoted.take_roles([], at=NOON))
        await tx.users.delete(gone, gone.delete(at=NOON))
        assert await tx.users.lock_admins() == {admin.id}

    async with begin() as tx:
        assert await tx.users.lock_admins() == {admin.id}


async def test_two_admins_who_demote_each_other_at_once_leave_one(begin: Begin) -> None:
    admins = [await saved(begin, a_user(roles=ADMIN)) for _ in range(2)]

    async def demote(user_id: UserId) -> bool:
        async with begin() as tx:
            left = await tx.users.lock_admins()
            await asyncio.sleep(0.01)
            if left == {user_id}:
                return False
            user = await tx.users.get(user_id)
            await tx.users.save(user, user.take_roles([], at=NOON))
            return True

    outcomes = await asyncio.gather(*(demote(admin.id) for admin in admins), return_exceptions=True)

    # A store may let the second wait and look again, or refuse it at its end.
    assert outcomes.count(True) == 1
    assert all(isinstance(outcome, bool | ConcurrencyConflictError) for outcome in outcomes)
    async with begin() as tx:
        assert len(await tx.users.lock_admins()) == 1


async def test_an_admin_who_changes_meanwhile_neither_waits_for_ever_nor_is_overwritten(
    begin: Begin, users: UserQueries
) -> None:
    admin = await saved(begin, a_user(roles=ADMIN))
    both_are_in = asyncio.Barrier(2)

    async def demote() -> None:
        async with begin() as tx:
            await tx.users.lock_admins()
            user = await tx.users.get(admin.id)
            await both_are_in.wait()
            await asyncio.sleep(0.01)
            await tx.users.save(user, user.take_roles([], at=NOON))

    async def change_password() -> None:
        async with begin() as tx:
            user = await tx.users.get(admin.id)
            await both_are_in.wait()
            await tx.users.save(user, user.change_password("another hash", at=NOON))
            await asyncio.sleep(0.02)

    outcomes = await asyncio.gather(demote(), change_password(), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert [type(outcome) for outcome in outcomes].count(ConcurrencyConflictError) == 1
    assert (await users.get(admin.id)).version == 2
