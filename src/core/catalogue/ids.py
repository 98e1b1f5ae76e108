"""The ids of this context."""

from typing import NewType
from uuid import UUID

ProductId = NewType("ProductId", UUID)
"""Known to nobody outside: a product is known by its sku, and this names its stream."""
