"""What a gateway tells of its own accord."""

from datetime import datetime
from typing import ClassVar, Protocol

from attrs import frozen

from ..kernel import Category, QuaysideError
from .ids import PaymentId


class NoticeRefusedError(QuaysideError):
    """Nobody can tell that it comes from the gateway, or not that it was sent just now."""

    code = "invalid_signature"
    category: ClassVar[Category] = Category.VALIDATION

    def __init__(self, reason: str) -> None:
        super().__init__("The signature is not valid.")
        self.add_note(reason)


@frozen
class GatewayNotice:
    """
    That something happened at the gateway; what, it is asked.

    Args:
        id: The same however often it is sent.
        payment_id: Which payment it happened to; None where it is none of ours.
    """

    id: str
    payment_id: PaymentId | None


class NoticeReader(Protocol):
    """Knows what comes from the gateway."""

    def read(self, body: bytes, signature: str, *, at: datetime) -> GatewayNotice:
        """
        Args:
            body: As it was sent, to the byte.

        Raises:
            NoticeRefusedError: it is not signed by the gateway, or not signed shortly before or after *at*.
        """
        ...


class SeenNotices(Protocol):
    """
    Which notices were dealt with, each call for itself, outside every transaction.
    Contract: tests/contract/test_seen_notices.py.
    """

    async def has(self, notice_id: str) -> bool: ...

    async def add(self, notice_id: str, at: datetime) -> None:
        """Remember it; nothing where it is remembered."""
        ...

    async def discard_before(self, at: datetime, limit: int) -> int:
        """Forget those that were first remembered before *at*, *limit* at most; tell how many."""
        ...
