"""The ids of this context."""

from typing import NewType
from uuid import UUID

OrderId = NewType("OrderId", UUID)
