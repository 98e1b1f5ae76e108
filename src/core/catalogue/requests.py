"""What is asked for of the catalogue: plain values, not yet checked by any rule."""

from decimal import Decimal

from attrs import frozen

Written = str | Decimal | int
"""A number as somebody wrote it, exactly."""


@frozen(kw_only=True)
class ProductRequest:
    """
    A product that somebody wants in the catalogue.

    Args:
        price: In major units (``"19.99"``), with no more decimals than the currency has.
        currency: ISO 4217 alphabetic code.
        discount_percentage: 0-100, no more than *max_discount*.
        active: Whether it is sold at once.
    """

    sku: str
    name: str
    price: Written
    currency: str
    discount_percentage: Written = 0
    max_discount: Written = 100
    active: bool = True


@frozen(kw_only=True)
class ProductChange:
    """What is to be otherwise of a product; what is None stays as it is."""

    name: str | None = None
    price: Written | None = None
    currency: str | None = None
    discount_percentage: Written | None = None
    max_discount: Written | None = None
    active: bool | None = None
