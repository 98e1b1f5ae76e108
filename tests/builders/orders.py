"""Orders that somebody placed."""

from datetime import datetime
from uuid import UUID, uuid4

from quayside.core.kernel import CustomerId, Money, Percentage, UserId
from quayside.core.ordering import ORDER, OrderEvent, OrderId, OrderLine, OrderPlaced, PlacedOrder
from quayside.core.payments import CardId

from .money import gbp
from .payments import NOON

NOTHING_OFF = Percentage(0)


def a_line(sku: str = "BLUE-VASE", quantity: int = 1, price: Money | None = None) -> OrderLine:
    """So many of one thing, without discount."""
    price = price or gbp("20.00")
    return OrderLine(sku, f"{sku} of clay", price, quantity, NOTHING_OFF, price * quantity)


def an_order_placed(
    *lines: OrderLine,
    customer_id: UUID | None = None,
    created_by: UUID | None = None,
    warehouse: str | None = "LEEDS",
) -> OrderPlaced:
    """Somebody ordered *lines*, or a vase; no tax, no shipping."""
    items = lines or (a_line(),)
    nothing = Money(0, items[0].line_total.currency)
    total = Money.sum((line.line_total for line in items), nothing.currency)
    return OrderPlaced(
        customer_id=CustomerId(customer_id or uuid4()),
        card_id=CardId(uuid4()),
        created_by=UserId(created_by or uuid4()),
        items=items,
        discount_percentage=NOTHING_OFF,
        items_total=total,
        discount_total=nothing,
        tax_total=nothing,
        shipping_cost=nothing,
        total=total,
        warehouse=warehouse,
    )


def an_order(*events: OrderEvent, at: datetime = NOON) -> PlacedOrder:
    """The order that *events* lead to, or one that was just placed; that was *at* some time."""
    happened = events or (an_order_placed(),)
    state = ORDER.fold(ORDER.initial, happened)
    return PlacedOrder(OrderId(uuid4()), state, len(happened), at)
