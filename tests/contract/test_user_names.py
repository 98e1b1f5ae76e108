"""Usernames and e-mail addresses are taken for ever, in every store of accounts (`core.identity.UserRepository`)."""

import asyncio

import pytest

from builders import NOON, a_user
from quayside.core.eventlog import EventReader
from quayside.core.identity import Begin, NameTakenError, User, UserQueries


async def saved(begin: Begin, user: User) -> User:
    async with begin() as tx:
        await tx.users.save(user, user.registered())
    return user


async def moved(begin: Begin, user: User, email: str) -> None:
    async with begin() as tx:
        await tx.users.save(user, user.change_email(email, at=NOON))


async def refused_fields(begin: Begin, user: User) -> list[str]:
    with pytest.raises(NameTakenError) as refusal:
        await saved(begin, user)
    return [error.field for error in refusal.value.field_errors]


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        ({"username": "Ada_L"}, ["username"]),
        ({"username": "aDA_l"}, ["username"]),
        ({"email": "Ada@Straße.example"}, ["email"]),
        ({"email": "ADA@STRASSE.EXAMPLE"}, ["email"]),
        ({"username": "ADA_L", "email": "ada@straße.example"}, ["username", "email"]),
    ],
)
async def test_a_taken_name_is_refused_in_any_case_and_every_one_is_named(
    begin: Begin, names: dict[str, str], fields: list[str]
) -> None:
    await saved(begin, a_user(username="Ada_L", email="Ada@Straße.example"))

    assert await refused_fields(begin, a_user(**names)) == fields


async def test_a_username_does_not_take_an_address(begin: Begin, users: UserQueries) -> None:
    await saved(begin, a_user(username="ada", email="bob"))

    await saved(begin, a_user(username="bob", email="ada"))

    assert await users.taken(usernames=["ada", "bob"], emails=["ada", "bob"]) == {"ada", "bob"}


async def test_a_refused_account_leaves_nothing_and_takes_no_name(
    begin: Begin, users: UserQueries, events: EventReader
) -> None:
    await saved(begin, a_user(email="taken@example.com"))
    refused = a_user(username="free", email="taken@example.com")

    await refused_fields(begin, refused)

    assert await users.find_by_login("free") is None
    assert await users.taken(usernames=["free"]) == frozenset()
    assert list(await events.read_stream(refused.stream)) == []
    assert refused.version == 0


async def test_a_refusal_that_was_dealt_with_does_not_spoil_the_rest(
    begin: Begin, users: UserQueries, events: EventReader
) -> None:
    await saved(begin, a_user(email="taken@example.com"))
    refused, other = a_user(username="free", email="taken@example.com"), a_user()

    async with begin() as tx:
        with pytest.raises(NameTakenError):
            await tx.users.save(refused, refused.registered())
        await tx.users.save(other, other.registered())

    assert await users.taken(usernames=["free", other.username]) == {other.username}
    assert list(await events.read_stream(refused.stream)) == []


async def test_an_account_keeps_its_names(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user(email="ada@example.com"))

    await moved(begin, user, "ADA@example.com")

    assert (await users.get(user.id)).email == "ADA@example.com"


async def test_an_address_that_was_given_up_stays_taken_by_whoever_had_it(
    begin: Begin, users: UserQueries
) -> None:
    user = await saved(begin, a_user(email="old@example.com"))
    await moved(begin, user, "new@example.com")

    assert await refused_fields(begin, a_user(email="OLD@example.com")) == ["email"]
    await moved(begin, user, "old@example.com")
    assert await refused_fields(begin, a_user(email="new@example.com")) == ["email"]
    assert (await users.get(user.id)).email == "old@example.com"


async def test_the_names_of_a_deleted_account_stay_taken(begin: Begin, users: UserQueries) -> None:
    user = await saved(begin, a_user(username="ada", email="old@example.com"))
    await moved(begin, user, "new@example.com")
    async with begin() as tx:
        await tx.users.delete(user, user.delete(at=NOON))

    emails = ["old@example.com", "NEW@example.com", "free@example.com"]
    assert await users.taken(usernames=["Ada"], emails=emails) == {"Ada", *emails[:2]}
    assert await refused_fields(begin, a_user(username="ADA", email="old@example.com")) == [
        "username",
        "email",
    ]


async def test_taken_names_are_told_as_they_were_given(begin: Begin, users: UserQueries) -> None:
    await saved(begin, a_user(username="ada", email="ada@example.com"))

    assert await users.taken() == frozenset()
    assert await users.taken(usernames=["free"], emails=["ada"]) == frozenset()
    assert await users.taken(usernames=["ADA", "ada", "free"]) == {"ADA", "ada"}
    assert await users.taken(emails=["Ada@Example.com", "free@example.com"]) == {"Ada@Example.com"}


async def test_of_fifty_who_register_one_name_at_once_one_gets_it(begin: Begin, users: UserQueries) -> None:
    racers = [a_user(username="ada" if n % 2 else "ADA") for n in range(50)]

    outcomes = await asyncio.gather(*(saved(begin, racer) for racer in racers), return_exceptions=True)

    [winner] = [outcome for outcome in outcomes if isinstance(outcome, User)]
    assert sum(isinstance(outcome, NameTakenError) for outcome in outcomes) == 49
    found = await users.find_by_login("ada")
    assert found is not None
    assert found.id == winner.id
    losers = [racer.email for racer in racers if racer is not winner]
    assert await users.taken(emails=losers) == frozenset()


async def test_those_whose_names_cross_get_them_or_are_refused(begin: Begin, users: UserQueries) -> None:
    crossing = [a_user(username=f"user_{n % 4}", email=f"{(n // 4 + n) % 4}@example.com") for n in range(16)]

    outcomes = await asyncio.gather(*(saved(begin, user) for user in crossing), return_exceptions=True)

    winners = [outcome for outcome in outcomes if isinstance(outcome, User)]
    assert all(isinstance(outcome, User | NameTakenError) for outcome in outcomes)
    assert len({user.username for user in winners}) == len({user.email for user in winners}) == len(winners)
    assert await users.taken(emails=[user.email for user in crossing]) == {user.email for user in winners}


async def test_two_who_want_each_others_address_at_once_are_both_refused(
    begin: Begin, users: UserQueries
) -> None:
    ada = await saved(begin, a_user(email="ada@example.com"))
    bob = await saved(begin, a_user(email="bob@example.com"))

    outcomes = await asyncio.gather(
        moved(begin, ada, "bob@example.com"), moved(begin, bob, "ada@example.com"), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [NameTakenError, NameTakenError]
    assert (await users.get(bob.id)).email == "bob@example.com"
