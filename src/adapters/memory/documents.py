"""Documents of projections, in memory."""

import json
from collections.abc import Collection, Mapping, Sequence

from attrs import define, frozen

from ...core.eventlog import Document, JsonObject
from .generations import Generations, forget
from .rows import Rows

DocumentKey = tuple[int, str]
"""The generation's number and the document's key."""


@define(eq=False)
class MemoryDocuments:
    """
    The documents as one transaction sees them.

    Args:
        rows: JSON texts: what is no JSON, and so could not be stored elsewhere, is refused here, too.
    """

    _rows: Rows[DocumentKey, str]

    async def load(self, generation: int, keys: Collection[str]) -> Mapping[str, JsonObject]:
        return {
            key: json.loads(self._rows[generation, key]) for key in keys if (generation, key) in self._rows
        }

    async def store(self, generation: int, documents: Mapping[str, JsonObject | None]) -> None:
        for key, document in documents.items():
            if document is None:
                self._rows.pop((generation, key), None)
            elif not key:
                raise ValueError("A document has no key.")
            else:
                self._rows[generation, key] = json.dumps(document, allow_nan=False)

    async def forget(self, generation: int) -> int:
        return forget(self._rows, generation)


@frozen
class MemoryDocumentQueries:
    """The committed documents of live generations."""

    _committed: dict[DocumentKey, str]
    _generations: Generations

    async def get(self, projection: str, key: str) -> JsonObject | None:
        text = self._committed.get((self._generations.live(projection).number, key))
        document: JsonObject | None = None if text is None else json.loads(text)
        return document

    async def list(
        self,
        projection: str,
        *,
        prefix: str = "",
        after: str | None = None,
        descending: bool = False,
        limit: int = 100,
    ) -> Sequence[Document]:
        live = self._generations.live(projection).number
        keys = (key for generation, key in self._committed if generation == live and key.startswith(prefix))
        wanted = [key for key in keys if after is None or (key < after if descending else key > after)]
        wanted.sort(reverse=descending)
        return [Document(key, json.loads(self._committed[live, key])) for key in wanted[:limit]]
