"""Registered cards in PostgreSQL."""

from attrs import frozen

from ...core.eventlog import Event, EventLog, Recorder
from ...core.kernel import CustomerId, UserId
from ...core.payments import Card, CardBrand, CardId, CardToken
from .connection import Connection
from .queries import named_queries

_SQL = named_queries("cards")


@frozen
class PostgresCardRepository:
    """Rows of ``card``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _log: EventLog
    _recorder: Recorder

    async def find(self, card_id: CardId) -> Card | None:
        cursor = await self._connection.execute(_SQL["find"], {"id": card_id})
        row = await cursor.fetchone()
        if row is None:
            return None
        return Card(
            id=CardId(row["id"]),
            version=row["version"],
            customer_id=CustomerId(row["customer_id"]),
            token=CardToken(row["token"]),
            brand=CardBrand(row["brand"]),
            last4=row["last4"],
            expiry_month=row["expiry_month"],
            expiry_year=row["expiry_year"],
            created_by=None if row["created_by"] is None else UserId(row["created_by"]),
            created_at=row["created_at"],
        )

    async def add(self, card: Card, *events: Event) -> None:
        card.version = await self._log.append(card.stream, self._recorder(events), card.version)
        await self._connection.execute(
            _SQL["add"],
            {
                "id": card.id,
                "version": card.version,
                "customer_id": card.customer_id,
                "token": card.token,
                "brand": card.brand,
                "last4": card.last4,
                "expiry_month": card.expiry_month,
                "expiry_year": card.expiry_year,
                "created_by": card.created_by,
                "created_at": card.created_at,
            },
        )
