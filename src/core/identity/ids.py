"""The ids of this context; `UserId` is the kernel's."""

from typing import NewType
from uuid import UUID

SessionId = NewType("SessionId", UUID)
