"""What stock and reservations have to keep: every limit, for every way in."""

from typing import Final

from ..kernel.validation import Form, between, each, field, pattern, required, size

_NAME = r"[A-Za-z0-9._-]{1,64}"
_SKU: Final = pattern(_NAME, "must be 1-64 letters A-Z, digits, points, hyphens and underscores")
_WAREHOUSE: Final = _SKU

ADJUSTMENT: Final = Form(field("on_hand", required, between(0, 1_000_000_000)))
"""What a warehouse is said to have on hand."""

PLACE: Final = Form(field("warehouse", required, _WAREHOUSE), field("sku", required, _SKU))
"""What stock of one SKU in one warehouse is known by."""

RESERVATION: Final = Form(
    field("warehouse", required, _WAREHOUSE),
    field(
        "lines",
        required,
        size(1, 1_000),
        each(Form(field("sku", required, _SKU), field("quantity", required, between(1, 1_000_000_000)))),
    ),
)
"""What is to be reserved."""
