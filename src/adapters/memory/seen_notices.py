"""Which notices of the gateway were dealt with, for as long as the process lives."""

from datetime import datetime

from attrs import define, field


@define
class MemorySeenNotices:
    """When each was first remembered, by its id."""

    _seen: dict[str, datetime] = field(factory=dict)

    async def has(self, notice_id: str) -> bool:
        return notice_id in self._seen

    async def add(self, notice_id: str, at: datetime) -> None:
        self._seen.setdefault(notice_id, at)

    async def discard_before(self, at: datetime, limit: int) -> int:
        old = [notice_id for notice_id, seen_at in self._seen.items() if seen_at < at][:limit]
        for notice_id in old:
            del self._seen[notice_id]
        return len(old)
