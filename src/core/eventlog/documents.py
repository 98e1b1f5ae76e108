"""JSON documents that projections keep, one under each key."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from ..kernel import UnavailableError
from .upcasting import JsonObject


class ProjectionNotBuiltError(UnavailableError):
    """It is being built for the first time, or nobody builds it; whoever read it now would see half of it."""

    def __init__(self, projection: str) -> None:
        super().__init__("This view is not built yet.", projection=projection)


@frozen
class Document:
    """
    One document.

    Args:
        key: Unique in its projection; not empty.
        body: Objects, lists, texts, numbers, truth values and None.
    """

    key: str
    body: JsonObject


class Documents(Protocol):
    """
    The documents of every generation, inside a transaction. Contract: tests/contract/test_documents.py.
    """

    async def load(self, generation: int, keys: Collection[str]) -> Mapping[str, JsonObject]:
        """Those of *keys* that there are."""
        ...

    async def store(self, generation: int, documents: Mapping[str, JsonObject | None]) -> None:
        """Add or change each; None deletes."""
        ...

    async def forget(self, generation: int) -> int:
        """Delete some thousand of them, and tell how many; 0 when there are none left."""
        ...


class DocumentQueries(Protocol):
    """
    The documents of live generations, each read on its own, outside any transaction. Contract:
    tests/contract/test_documents.py.

    A rebuilt projection is read from one call to the next as a whole, never in part.
    """

    async def get(self, projection: str, key: str) -> JsonObject | None:
        """
        Raises:
            ProjectionNotBuiltError.
        """
        ...

    async def list(
        self,
        projection: str,
        *,
        prefix: str = "",
        after: str | None = None,
        descending: bool = False,
        limit: int = 100,
    ) -> Sequence[Document]:
        """
        The documents whose keys begin with *prefix*, by key (as its code points are ordered), *limit* at most.

        Args:
            after: Goes on after this key, in the order asked for; at a cost that does not grow with how many came
                before.

        Raises:
            ProjectionNotBuiltError.
        """
        ...
