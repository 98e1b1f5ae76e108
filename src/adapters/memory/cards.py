"""Registered cards in memory."""

from attrs import frozen

from ...core.eventlog import Event, Recorder
from ...core.payments import Card, CardId
from .event_log import MemoryEventLog
from .rows import Rows


@frozen
class MemoryCardRepository:
    """The rows of one transaction."""

    _rows: Rows[CardId, Card]
    _log: MemoryEventLog
    _recorder: Recorder

    async def find(self, card_id: CardId) -> Card | None:
        return self._rows.get(card_id)

    async def add(self, card: Card, *events: Event) -> None:
        card.version = await self._log.append(card.stream, self._recorder(events), card.version)
        self._rows[card.id] = card
