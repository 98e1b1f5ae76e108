"""What every keeper of the sandbox's books does (`adapters.sandbox.SandboxBooks`)."""

import asyncio

from quayside.adapters.sandbox import SandboxBooks


async def test_what_was_stored_is_loaded_with_its_version(books: SandboxBooks) -> None:
    assert await books.store("auth_1", '{"a": 1}', 0)
    assert await books.store("auth_1", '{"a": 2}', 1)

    assert await books.load("auth_1") == (2, '{"a": 2}')


async def test_an_unknown_document_is_not_there(books: SandboxBooks) -> None:
    assert await books.load("auth_1") is None


async def test_a_stale_store_is_refused_and_changes_nothing(books: SandboxBooks) -> None:
    await books.store("auth_1", "1", 0)

    assert not await books.store("auth_1", "2", 0)
    assert not await books.store("auth_1", "2", 2)
    assert await books.load("auth_1") == (1, "1")


async def test_an_unknown_document_has_no_later_version_to_replace(books: SandboxBooks) -> None:
    assert not await books.store("auth_1", "1", 1)
    assert await books.load("auth_1") is None


async def test_of_racing_stores_one_wins(books: SandboxBooks) -> None:
    stored = await asyncio.gather(*(books.store("auth_1", str(n), 0) for n in range(10)))

    assert stored.count(True) == 1
