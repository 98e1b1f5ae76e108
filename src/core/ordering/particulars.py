"""What is personal of an order."""

from collections.abc import Mapping

from attrs import field, frozen

from ..payments import Address
from .status import OrderStatus


@frozen
class Particulars:
    """
    What no event says of an order, because it is erased with the customer.

    Args:
        delivery_address: None once it is erased.
        reasons: Why the order became what it became, in the words of who made it so.
    """

    delivery_address: Address | None = field(default=None, repr=False)
    reasons: Mapping[OrderStatus, str] = field(factory=dict, repr=False)
