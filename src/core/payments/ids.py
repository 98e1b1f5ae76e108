"""The ids of this context."""

from typing import NewType
from uuid import UUID

PaymentId = NewType("PaymentId", UUID)
CardId = NewType("CardId", UUID)
RefundId = NewType("RefundId", UUID)
AccountId = NewType("AccountId", UUID)
TransferId = NewType("TransferId", UUID)
