"""What a request has to keep: every limit, for every way in."""

from typing import Final

from ..kernel import Clock
from ..kernel.validation import (
    Form,
    absent,
    between,
    each,
    field,
    length,
    max_length,
    percentage,
    required,
    size,
    text,
    when,
)
from ..payments import ADDRESS, card_form

_ITEM: Final = Form(
    field("sku", required, length(1, 64), text),
    field("quantity", required, between(1, 1_000)),
)


def order_form(clock: Clock) -> Form:
    """
    The rules of an order.

    Args:
        clock: Tells on which day a card is looked at.
    """
    means = Form(
        field("card_id", length(1, 50), text),
        field("paying_card_details", card_form(clock)),
        when("paying_card_details", absent, field("card_id", required)),
        when("card_id", required, field("paying_card_details", absent)),
    )
    return Form(
        field("customer_id", required),
        field("items", required, size(1, 100), each(_ITEM)),
        field("delivery_address", required, ADDRESS),
        field("discount_percentage", percentage),
        field("payment", required, means),
    )


STEP: Final = Form(field("reason", max_length(500), text))
"""The rules of what is said about a step of an order."""
