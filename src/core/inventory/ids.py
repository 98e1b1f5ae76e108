"""The ids of this context."""

from typing import NewType
from uuid import UUID

ReservationId = NewType("ReservationId", UUID)
