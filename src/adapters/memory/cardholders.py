"""Cardholders in memory, which is not read by anybody else, so that nothing is encrypted."""

from datetime import datetime

from attrs import frozen

from ...core.kernel import CustomerId
from ...core.payments import Cardholder, Payment, PaymentId
from .rows import Rows


@frozen
class MemoryCardholderRepository:
    """The rows of one transaction."""

    _rows: Rows[PaymentId, Cardholder]
    _payments: Rows[PaymentId, Payment]
    _erased: Rows[CustomerId, datetime]

    async def find(self, payment_id: PaymentId) -> Cardholder | None:
        return self._rows.get(payment_id)

    def add(self, payment: Payment, holder: Cardholder) -> None:
        """Keep the holder of the card of a new payment."""
        if payment.customer_id not in self._erased:
            self._rows[payment.id] = holder

    async def erase_of(self, customer_id: CustomerId) -> None:
        for payment_id in list(self._rows):
            if self._payments[payment_id].customer_id == customer_id:
                del self._rows[payment_id]
