"""What hashing passwords has to do (`core.identity.PasswordHasher`)."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from statistics import median
from time import monotonic, process_time

import pytest

from quayside.adapters.security.argon2 import (
    Argon2PasswordHasher,
    PasswordHasherBusyError,
    PasswordHashError,
)
from quayside.core.identity import PasswordHasher
from quayside.core.kernel import InternalError, Secret

PASSWORD = Secret("Correct horse 1")
QUICK = 8  # KiB
SLOW = 16 * 1_024


def argon2(memory_kib: int = QUICK, **changes: int) -> Argon2PasswordHasher:
    return Argon2PasswordHasher(memory_kib=memory_kib, **changes)


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    with closing(argon2()) as hasher:
        yield hasher


async def test_the_password_matches_its_hash_and_no_other_does(hasher: PasswordHasher) -> None:
    stored = await hasher.hash(PASSWORD)

    assert await hasher.verify(stored, PASSWORD)
    assert not await hasher.verify(stored, Secret("correct horse 1"))
    assert not await hasher.verify(stored, Secret("Correct horse 1 "))


@pytest.mark.parametrize("text", ["", "Ünïcödé 🐎", "a\x00b", "x" * 1_024, "x" * 1_048_576, "\udcff"])
async def test_any_text_is_hashed_whole(hasher: PasswordHasher, text: str) -> None:
    stored = await hasher.hash(Secret(text))

    assert await hasher.verify(stored, Secret(text))
    assert not await hasher.verify(stored, Secret(text + "y"))
    assert not text or not await hasher.verify(stored, Secret(text[:-1]))


async def test_a_hash_tells_neither_the_password_nor_who_shares_it(hasher: PasswordHasher) -> None:
    first, second = await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)

    assert first != second
    assert PASSWORD.reveal() not in first


async def test_nobody_has_a_password(hasher: PasswordHasher) -> None:
    assert not await hasher.verify(None, PASSWORD)
    assert not await hasher.verify(None, Secret(""))


async def test_nobody_is_as_much_work_as_somebody() -> None:
    with closing(argon2(SLOW // 2)) as hasher:
        stored = await hasher.hash(PASSWORD)
        spent: dict[str | None, list[float]] = {stored: [], None: []}

        for _ in range(15):
            for password_hash, samples in spent.items():
                began = process_time()  # of the processor, so that others on this machine do not count
                await hasher.verify(password_hash, Secret("wrong"))
                samples.append(process_time() - began)

    assert median(spent[None]) == pytest.approx(median(spent[stored]), rel=0.2)


async def test_a_hash_of_other_parameters_still_matches_and_is_outdated(hasher: PasswordHasher) -> None:
    present = await hasher.hash(PASSWORD)
    for parameters in ({"memory_kib": 16}, {"passes": 2}, {"memory_kib": 16, "lanes": 2}):
        with closing(argon2(**parameters)) as other:
            stored = await other.hash(PASSWORD)

        assert await hasher.verify(stored, PASSWORD)
        assert hasher.is_outdated(stored)
    assert not hasher.is_outdated(present)


async def test_the_default_is_what_owasp_recommends() -> None:
    with closing(Argon2PasswordHasher()) as hasher:
        stored = await hasher.hash(PASSWORD)

    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "x",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$2b$12$abc",
        "$argon2id$v=19$m=8,t=1,p=1$AAAA",
        "$argon2id$ü",
    ],
)
async def test_a_malformed_stored_hash_is_our_fault_and_no_wrong_password(
    hasher: PasswordHasher, malformed: str
) -> None:
    with pytest.raises(InternalError):
        await hasher.verify(malformed, PASSWORD)
    with pytest.raises(InternalError):
        hasher.is_outdated(malformed)


async def test_memory_that_cannot_be_had_is_our_fault() -> None:
    with closing(argon2(2**32 - 1)) as hasher, pytest.raises(PasswordHashError):
        await hasher.hash(PASSWORD)


async def test_a_flood_of_logins_runs_a_few_at_a_time_and_leaves_the_event_loop_free() -> None:
    others = set(threading.enumerate())
    with closing(argon2(SLOW // 2, threads=2)) as hasher:
        flood = asyncio.gather(*(hasher.verify(None, PASSWORD) for _ in range(30)))
        lags = []
        while not flood.done():
            began = monotonic()
            await asyncio.sleep(0.001)
            lags.append(monotonic() - began)
        started = {*threading.enumerate()} - others

    assert await flood == [False] * 30
    assert sum(thread.name.startswith("argon2") for thread in started) == 2
    assert len(lags) > 5  # one or two, if the loop did it itself
    assert median(lags) < 0.02


async def test_beyond_the_queue_a_login_is_refused_at_once_and_the_others_are_served() -> None:
    with closing(argon2(SLOW, threads=1, waiting=2)) as hasher:
        outcomes = await asyncio.gather(
            *(hasher.verify(None, PASSWORD) for _ in range(5)), return_exceptions=True
        )

        assert [type(outcome) for outcome in outcomes] == [bool] * 3 + [PasswordHasherBusyError] * 2
        assert not await hasher.verify(None, PASSWORD)


async def test_who_gives_up_leaves_the_queue() -> None:
    with closing(argon2(SLOW, threads=1, waiting=1)) as hasher:
        served = asyncio.create_task(hasher.hash(PASSWORD))
        gives_up = asyncio.create_task(hasher.hash(PASSWORD))
        await asyncio.sleep(0)

        gives_up.cancel()
        await asyncio.sleep(0)
        takes_the_place = asyncio.create_task(hasher.hash(PASSWORD))

        assert len(await asyncio.gather(served, takes_the_place)) == 2
        assert gives_up.cancelled()


async def test_a_computation_given_up_keeps_its_thread_until_it_ends() -> None:
    with closing(argon2(SLOW // 2, passes=50, threads=1, waiting=0)) as hasher:
        given_up = asyncio.create_task(hasher.hash(PASSWORD))
        await asyncio.sleep(0.01)  # its thread is at work, and long after

        given_up.cancel()
        await asyncio.sleep(0)

        with pytest.raises(PasswordHasherBusyError):
            await hasher.hash(PASSWORD)
        await until_served(hasher)


async def test_a_closed_hasher_takes_nobody(hasher: Argon2PasswordHasher) -> None:
    hasher.close()

    with pytest.raises(PasswordHasherBusyError):
        await hasher.hash(PASSWORD)


async def until_served(hasher: PasswordHasher) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                await hasher.hash(PASSWORD)
            except PasswordHasherBusyError:
                await asyncio.sleep(0.005)
            else:
                return
