"""Ids as types, and where new ones come from."""

from collections.abc import Callable
from typing import NewType
from uuid import UUID

CustomerId = NewType("CustomerId", UUID)
UserId = NewType("UserId", UUID)

IdFactory = Callable[[], UUID]
"""Gives a new id, a UUIDv7 (RFC 9562), greater than every one the same factory gave before."""
