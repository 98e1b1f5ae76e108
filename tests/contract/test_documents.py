"""What every keeper of documents does (`Documents`, `DocumentQueries`)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import pytest

from builders.transactions import GivenUpError
from quayside.adapters.memory import MemoryStore
from quayside.adapters.postgres import DatabaseError, PostgresDatabase
from quayside.core.eventlog import (
    Document,
    DocumentQueries,
    DocumentTransaction,
    Generation,
    JsonObject,
    ProjectionNotBuiltError,
)

Storage = MemoryStore | PostgresDatabase
Begin = Callable[[], AbstractAsyncContextManager[DocumentTransaction]]

EVERY_TYPE = {"text": "“é”\n", "number": 10**15, "share": 0.5, "no": None, "yes": True, "all": [{"of": []}]}


@pytest.fixture
def begin(storage: Storage) -> Begin:
    return storage.begin


@pytest.fixture
def documents(storage: Storage) -> DocumentQueries:
    """There are none."""
    return storage.documents


@pytest.fixture
async def live(storage: Storage) -> Generation:
    """A generation that is read."""
    return await swapped_in(storage)


async def swapped_in(storage: Storage) -> Generation:
    generation = await storage.generations.build("views", 1)
    lease = await storage.subscriptions.acquire(generation.subscription, "a worker", 60)
    assert lease is not None
    assert await storage.generations.go_live(generation, lease)
    return generation


async def stored(begin: Begin, generation: Generation, **documents: JsonObject | None) -> None:
    async with begin() as tx:
        await tx.documents.store(generation.number, documents)


async def test_a_document_is_read_as_it_was_stored(
    begin: Begin, documents: DocumentQueries, live: Generation
) -> None:
    await stored(begin, live, a=EVERY_TYPE)

    assert await documents.get("views", "a") == EVERY_TYPE
    assert await documents.get("views", "b") is None


async def test_a_document_is_changed_and_deleted(
    begin: Begin, documents: DocumentQueries, live: Generation
) -> None:
    await stored(begin, live, a={"n": 1}, b={"n": 1}, c={"n": 1})
    await stored(begin, live, a={"n": 2}, b=None, d=None)

    assert await documents.list("views") == [Document("a", {"n": 2}), Document("c", {"n": 1})]


async def test_a_transaction_sees_what_it_stored_and_nobody_else_does_before_its_end(
    begin: Begin, documents: DocumentQueries, live: Generation
) -> None:
    await stored(begin, live, a={"n": 1}, b={"n": 1})

    with pytest.raises(GivenUpError):
        async with begin() as tx:
            await tx.documents.store(live.number, {"a": {"n": 2}, "b": None})
            assert await tx.documents.load(live.number, ["a", "b", "c"]) == {"a": {"n": 2}}
            assert await documents.get("views", "a") == {"n": 1}
            raise GivenUpError

    assert await documents.list("views") == [Document("a", {"n": 1}), Document("b", {"n": 1})]


@pytest.mark.parametrize("odd", [uuid4(), float("nan"), {1, 2}])
async def test_what_is_no_json_is_refused(begin: Begin, live: Generation, odd: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        await stored(begin, live, a={"odd": odd})


async def test_a_document_without_a_key_is_refused(begin: Begin, live: Generation) -> None:
    with pytest.raises((ValueError, DatabaseError)):
        async with begin() as tx:
            await tx.documents.store(live.number, {"": {"n": 1}})


async def test_documents_are_listed_by_code_points_either_way(
    begin: Begin, documents: DocumentQueries, live: Generation
) -> None:
    keys = ["B", "a", "b", "b/", "é", "\U0001f600"]
    await stored(begin, live, **{key: {} for key in reversed(keys)})

    assert [it.key for it in await documents.list("views")] == keys
    assert [it.key for it in await documents.list("views", descending=True)] == keys[::-1]


async def test_documents_are_walked_under_a_prefix(
    begin: Begin, documents: DocumentQueries, live: Generation
) -> None:
    await stored(begin, live, **{f"{of}/{n}": {} for of in "abc" for n in range(4)})

    async def walk(*, descending: bool) -> list[str]:
        keys: list[str] = []
        while found := await documents.list(
            "views", prefix="b/", after=keys[-1] if keys else None, descending=descending, limit=3
        ):
            keys += [document.key for document in found]
        return keys

    assert await walk(descending=False) == ["b/0", "b/1", "b/2", "b/3"]
    assert await walk(descending=True) == ["b/3", "b/2", "b/1", "b/0"]


async def test_a_place_outside_of_the_prefix_is_before_or_after_all_of_it(
    begin: Begin, documents: DocumentQueries, live: Generation
) -> None:
    await stored(begin, live, **{"b/0": {}})

    assert len(await documents.list("views", prefix="b/", after="a")) == 1
    assert len(await documents.list("views", prefix="b/", after="c", descending=True)) == 1
    assert await documents.list("views", prefix="b/", after="c") == []
    assert await documents.list("views", prefix="b/", after="a", descending=True) == []


async def test_of_a_projection_that_is_not_built_nothing_is_read(
    storage: Storage, begin: Begin, documents: DocumentQueries
) -> None:
    generation = await storage.generations.build("views", 1)
    await stored(begin, generation, a={})

    with pytest.raises(ProjectionNotBuiltError):
        await documents.get("views", "a")
    with pytest.raises(ProjectionNotBuiltError):
        await documents.list("views")


async def test_readers_see_the_next_generation_only_as_a_whole(
    storage: Storage, begin: Begin, documents: DocumentQueries, live: Generation
) -> None:
    await stored(begin, live, a={"n": 1}, b={"n": 1})
    await stored(begin, await storage.generations.build("views", 1), c={"n": 2})
    assert [it.key for it in await documents.list("views")] == ["a", "b"]

    await swapped_in(storage)

    assert [it.key for it in await documents.list("views")] == ["c"]
    assert await documents.get("views", "a") is None


async def test_what_is_forgotten_is_gone_and_other_generations_are_not(
    storage: Storage, begin: Begin, documents: DocumentQueries, live: Generation
) -> None:
    other = await storage.generations.build("views", 1)
    await stored(begin, other, a={}, b={})
    await stored(begin, live, a={})

    async with begin() as tx:
        forgotten = [await tx.documents.forget(other.number) for _ in range(2)]
        assert await tx.documents.load(other.number, "ab") == {}

    assert forgotten == [2, 0]
    assert await documents.get("views", "a") == {}
