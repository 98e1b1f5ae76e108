"""What stock and reservations have to keep: every limit, for every way in."""

from typing import Final

from ..kernel.validation import Form, between, each, field, pattern, required, size

NAME: Final = pattern(
    r"[A-Za-z0-9._-]{1,64}", "must be 1-64 letters A-Z, digits, points, hyphens and underscores"
)
"""What a SKU and a warehouse may be called; upper case is not lower case."""

ADJUSTMENT: Final = Form(field("on_hand", required, between(0, 1_000_000_000)))
"""What a warehouse is said to have on hand."""

RESERVATION: Final = Form(
    field("warehouse", required, NAME),
    field(
        "lines",
        required,
        size(1, 1_000),
        each(Form(field("sku", required, NAME), field("quantity", required, between(1, 1_000_000_000)))),
    ),
)
"""What is to be reserved."""
