"""What every store of cardholders does (`core.payments.CardholderRepository`), and what PostgreSQL shows of them."""

import asyncio
import json
from collections.abc import Callable
from os import environ
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner, Result

from builders import a_payment, a_payment_request, an_address
from builders.business import Business
from builders.field_ciphers import OpenDatabase
from postgres_databases import url_of
from quayside.adapters.security.field_keys import FieldKey
from quayside.core.kernel import FieldKeyUnknownError, FieldUnreadableError
from quayside.core.payments import Begin, Cardholder, PaymentId
from quayside.entrypoints.cli.main import quayside

ADA = Cardholder(name="Ada Lovelace", address=an_address(house_name="Ockham Park", city="Woking"))
OLD, NEW = FieldKey.generate(), FieldKey.generate()


async def a_payment_of(begin: Begin, holder: Cardholder) -> PaymentId:
    payment, received = a_payment()
    async with begin() as tx:
        await tx.payments.save(payment, received, holder=holder)
    return payment.id


async def holder_of(begin: Begin, payment_id: PaymentId) -> Cardholder | None:
    async with begin() as tx:
        return await tx.cardholders.find(payment_id)


@pytest.mark.parametrize(
    "holder",
    [ADA, Cardholder(name="Zoë 🌹", address=None), Cardholder(name=None, address=an_address())],
    ids=["both", "name", "address"],
)
async def test_a_holder_is_found_as_it_was_kept(begin: Begin, holder: Cardholder) -> None:
    payment_id = await a_payment_of(begin, holder)

    assert await holder_of(begin, payment_id) == holder


async def test_a_payment_may_have_no_holder(begin: Begin) -> None:
    payment, received = a_payment()
    async with begin() as tx:
        await tx.payments.save(payment, received)

    assert await holder_of(begin, payment.id) is None


async def test_what_is_rolled_back_was_never_kept(begin: Begin) -> None:
    payment, received = a_payment()
    with pytest.raises(LookupError):
        async with begin() as tx:
            await tx.payments.save(payment, received, holder=ADA)
            raise LookupError

    assert await holder_of(begin, payment.id) is None


async def test_taking_a_payment_keeps_who_the_card_belongs_to() -> None:
    business = Business()

    payment = await business.take(a_payment_request())

    holder = await holder_of(business.store.begin, payment.id)
    assert holder == Cardholder(name="Ada Lovelace", address=an_address())
    assert "Ada" not in repr(holder)


def stored(conninfo: str) -> list[tuple[UUID, bytes, bytes]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(
            "SELECT payment_id, name, address FROM payment_cardholder ORDER BY payment_id"
        ).fetchall()


async def test_the_database_shows_nothing_of_it(opened: OpenDatabase, conninfo: str) -> None:
    async with opened(OLD) as database:
        await a_payment_of(database.begin, ADA)

    [(_, name, address)] = stored(conninfo)
    assert not any(word in name + address for word in [b"Ada", b"Lovelace", b"Ockham", b"Woking", b"SW1Y"])


async def test_what_was_moved_to_another_row_or_field_is_not_read(
    opened: OpenDatabase, conninfo: str
) -> None:
    async with opened(OLD) as database:
        moved = await a_payment_of(database.begin, ADA)
        swapped = await a_payment_of(database.begin, ADA)
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                "UPDATE payment_cardholder SET name = (SELECT name FROM payment_cardholder WHERE payment_id = %s) "
                "WHERE payment_id = %s",
                (swapped, moved),
            )
            connection.execute(
                "UPDATE payment_cardholder SET name = address, address = name WHERE payment_id = %s",
                (swapped,),
            )

        for payment_id in (moved, swapped):
            with pytest.raises(FieldUnreadableError) as refused:
                await holder_of(database.begin, payment_id)
            assert refused.value.details["row_id"] == payment_id


async def test_a_rotation_seals_all_anew_in_batches_and_then_the_old_key_can_go(
    opened: OpenDatabase, conninfo: str
) -> None:
    async with opened(OLD) as database:
        ids = [await a_payment_of(database.begin, ADA) for _ in range(5)]

    async with opened(NEW, OLD) as database:
        rotation = database.field_rotations[0]
        first = await rotation.step(UUID(int=0), 2)
        left = await rotation.outdated()
        # Whoever is stopped here begins anew, and finds what is left.
        assert (await rotation.step(UUID(int=0), 10)).rotated == 3
        assert (await rotation.step(UUID(int=0), 10)).last is None

    assert (first.last, first.rotated, first.unreadable, left) == (ids[1], 2, (), 3)
    async with opened(NEW) as database:
        assert [await holder_of(database.begin, payment_id) for payment_id in ids] == [ADA] * 5


async def test_what_cannot_be_read_is_told_and_left_and_the_rest_goes_on(
    opened: OpenDatabase, conninfo: str
) -> None:
    async with opened(FieldKey.generate()) as database:
        lost = await a_payment_of(database.begin, ADA)
    before = stored(conninfo)
    async with opened(OLD) as database:
        await a_payment_of(database.begin, ADA)

    async with opened(NEW, OLD) as database:
        batch = await database.field_rotations[0].step(UUID(int=0), 10)

    assert batch.rotated == 1
    [error] = batch.unreadable
    assert isinstance(error, FieldKeyUnknownError)
    assert error.details["row_id"] == lost
    assert stored(conninfo)[0] == before[0]


async def test_rotations_and_writers_at_once_do_not_undo_each_other(
    opened: OpenDatabase, conninfo: str
) -> None:
    async with opened(OLD) as database:
        erased, *others = [await a_payment_of(database.begin, ADA) for _ in range(6)]

    async with opened(NEW, OLD) as one, opened(NEW, OLD) as another:

        async def erase() -> None:
            async with one.read() as connection:
                await connection.execute(
                    "UPDATE payment_cardholder SET name = NULL, address = NULL WHERE payment_id = %s",
                    (erased,),
                )

        first, second, added, _ = await asyncio.gather(
            one.field_rotations[0].step(UUID(int=0), 10),
            another.field_rotations[0].step(UUID(int=0), 10),
            a_payment_of(one.begin, ADA),
            erase(),
        )
        assert await holder_of(one.begin, erased) == Cardholder(name=None, address=None)
        assert [await holder_of(one.begin, each) for each in (*others, added)] == [ADA] * 6
        assert await one.field_rotations[0].outdated() == 0
    assert first.rotated + second.rotated in {5, 6}


@pytest.fixture
def run(
    conninfo: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Runs a command on that database, with generated keys."""
    for name in [name for name in environ if name.startswith("QUAYSIDE_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))
    monkeypatch.setenv("QUAYSIDE_DATABASE_URL", url_of(conninfo))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(quayside, arguments, catch_exceptions=False)

    return run


def keys_of(*keys: FieldKey) -> str:
    return ",".join(key.value.reveal() for key in keys)


def test_the_command_encrypts_all_anew_and_then_finds_nothing_to_do(
    opened: OpenDatabase, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def take() -> PaymentId:
        async with opened(OLD) as database:
            return await a_payment_of(database.begin, ADA)

    payment_id = asyncio.run(take())
    monkeypatch.setenv("QUAYSIDE_FIELD_KEYS", keys_of(NEW, OLD))

    first, second = (run("keys", "rotate-fields", "--json") for _ in range(2))

    assert json.loads(first.stdout) == {"rotated": 1, "unreadable": 0}
    assert json.loads(second.stdout) == {"rotated": 0, "unreadable": 0}
    monkeypatch.setenv("QUAYSIDE_FIELD_KEYS", keys_of(NEW))
    assert json.loads(run("payments", "cardholder", str(payment_id), "--json").stdout)["name"] == ADA.name
    assert "Woking" in run("payments", "cardholder", str(payment_id)).stdout


def test_the_command_fails_where_something_stays_unreadable_and_says_what(
    opened: OpenDatabase, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def take() -> PaymentId:
        async with opened(OLD) as database:
            return await a_payment_of(database.begin, ADA)

    payment_id = asyncio.run(take())
    monkeypatch.setenv("QUAYSIDE_FIELD_KEYS", keys_of(NEW))

    result = run("keys", "rotate-fields")

    assert result.exit_code == 1
    assert result.stdout == "0 rotated, 1 unreadable\n"
    assert str(payment_id) in "".join(result.stderr.split())
    assert OLD.key_id.hex() in "".join(result.stderr.split())


def test_a_new_key_is_made_where_keys_are_and_set_where_they_are_set(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("keys", "rotate-fields", "--new-key")
    monkeypatch.setenv("QUAYSIDE_FIELD_KEYS", keys_of(NEW))
    refused = run("keys", "rotate-fields", "--new-key")

    assert made.exit_code == 0
    assert len(Path(".quayside/keys/fields").read_text().split()) == 2
    assert refused.exit_code == 1
    assert "QUAYSIDE_FIELD_KEYS" in refused.stderr
    assert NEW.value.reveal() not in refused.output
