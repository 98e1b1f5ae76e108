"""The sandbox gateway's books in PostgreSQL, outside every transaction of ours."""

from attrs import frozen

from .connection import Lend
from .queries import named_queries

_SQL = named_queries("sandbox_books")


@frozen
class PostgresSandboxBooks:
    """Rows of ``sandbox_document``."""

    _lend: Lend

    async def load(self, document_id: str) -> tuple[int, str] | None:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["load"], {"id": document_id})
            row = await cursor.fetchone()
        return None if row is None else (row["version"], row["document"])

    async def store(self, document_id: str, document: str, expected_version: int) -> bool:
        parameters = {"id": document_id, "document": document, "expected_version": expected_version}
        query = _SQL["replace"] if expected_version else _SQL["create"]
        async with self._lend() as connection:
            cursor = await connection.execute(query, parameters)
        return cursor.rowcount == 1
