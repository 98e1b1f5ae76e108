"""What a product has to keep: every limit, for every way in."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from ..kernel.validation import (
    CrossRule,
    Form,
    amount_between,
    check,
    exact_in,
    field,
    length,
    one_of,
    pattern,
    percentage,
    required,
    text,
)

_LEAST_PRICE, _MOST_PRICE = Decimal("0.01"), Decimal("999999.99")

_SKU: Final = pattern(
    r"[A-Za-z0-9._-]{1,64}", "must be 1 to 64 letters A-Z, digits, dots, underscores and hyphens"
)
_NAME: Final = (length(3, 100), text)
_PRICE: Final = amount_between(_LEAST_PRICE, _MOST_PRICE)
_WITHIN_MAX: Final = CrossRule(
    "out_of_range",
    "must be at most max_discount",
    ("max_discount",),
    lambda discount, most: Decimal(discount) <= Decimal(most),
)


def product_form(currencies: Collection[str]) -> Form:
    """
    The rules of a new product.

    Args:
        currencies: ISO 4217 codes in which anything is sold.
    """
    return Form(
        field("sku", required, _SKU),
        field("name", required, *_NAME),
        field("price", required, _PRICE),
        field("currency", required, one_of(*currencies)),
        check("price", exact_in("currency")),
        field("discount_percentage", percentage),
        field("max_discount", percentage),
        check("discount_percentage", _WITHIN_MAX),
    )


def change_form(currencies: Collection[str]) -> Form:
    """The rules of a change that do not depend on the product."""
    return Form(
        field("name", *_NAME),
        field("price", _PRICE),
        field("currency", one_of(*currencies)),
        check("price", exact_in("currency")),
        field("discount_percentage", percentage),
        field("max_discount", percentage),
        check("discount_percentage", _WITHIN_MAX),
    )


TOGETHER: Final = Form(
    field("price"),
    field("currency"),
    check("price", exact_in("currency")),
    field("discount_percentage"),
    field("max_discount"),
    check("discount_percentage", _WITHIN_MAX),
)
"""What of a product has to fit together, whichever of it changes."""
