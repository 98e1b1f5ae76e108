"""Cardholders in memory, which is not read by anybody else, so that nothing is encrypted."""

from attrs import frozen

from ...core.payments import Cardholder, PaymentId
from .rows import Rows


@frozen
class MemoryCardholderRepository:
    """The rows of one transaction."""

    _rows: Rows[PaymentId, Cardholder]

    async def find(self, payment_id: PaymentId) -> Cardholder | None:
        return self._rows.get(payment_id)

    async def add(self, payment_id: PaymentId, holder: Cardholder) -> None:
        self._rows[payment_id] = holder
