"""Whether what is asked for can be sold, and sold together."""

from collections.abc import Iterator

from ...kernel import FieldError
from .basket import Basket, BasketLine
from .errors import ItemsNotSoldError
from .values import OrderItem, PricingRequest


def validated(request: PricingRequest) -> Basket:
    """
    Put what is asked for into a basket, at full price.

    Raises:
        ItemsNotSoldError: there are none; or some are not on offer, or are less than one, or cost another currency
            than the first that is on offer.
    """
    if errors := list(_errors(request)):
        raise ItemsNotSoldError(errors)
    lines = tuple(_line(item, request) for item in request.items)
    return Basket(lines, tuple(line.gross for line in lines))


def _line(item: OrderItem, request: PricingRequest) -> BasketLine:
    offer = request.offers[item.sku]
    return BasketLine(offer, item.quantity, offer.unit_price * item.quantity)


def _errors(request: PricingRequest) -> Iterator[FieldError]:
    if not request.items:
        yield FieldError("items", "must have at least 1 item", "too_few")
    currency = None
    for index, item in enumerate(request.items):
        offer = request.offers.get(item.sku)
        if item.quantity < 1:
            yield FieldError(f"items.{index}.quantity", "must be at least 1", "out_of_range")
        if offer is None:
            yield FieldError(f"items.{index}.sku", "is not known", "unknown")
        elif not offer.active:
            yield FieldError(f"items.{index}.sku", "is not sold any more", "inactive")
        elif offer.unit_price.currency != (currency := currency or offer.unit_price.currency):
            yield FieldError(f"items.{index}.sku", f"is not sold in {currency}", "mixed_currencies")
