"""Which notices of the gateway were dealt with, in PostgreSQL, outside every transaction of ours."""

from datetime import datetime

from attrs import frozen

from .connection import Lend
from .queries import named_queries

_SQL = named_queries("seen_notices")


@frozen
class PostgresSeenNotices:
    """Rows of ``seen_notice``."""

    _lend: Lend

    async def has(self, notice_id: str) -> bool:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["has"], {"id": notice_id})
            return await cursor.fetchone() is not None

    async def add(self, notice_id: str, at: datetime) -> None:
        async with self._lend() as connection:
            await connection.execute(_SQL["add"], {"id": notice_id, "seen_at": at})

    async def discard_before(self, at: datetime, limit: int) -> int:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["discard_before"], {"seen_at": at, "limit": limit})
        return cursor.rowcount
