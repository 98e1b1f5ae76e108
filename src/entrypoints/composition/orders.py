"""What customers order: the use cases of ordering, put together."""

from attrs import frozen

from ...core.kernel.validation import Form
from ...core.ordering import (
    STEP,
    CancelOrder,
    DeliverOrder,
    FindOrder,
    ListOrders,
    OrderSteps,
    PlaceOrder,
    QuoteOrder,
    ShipOrder,
    TellHistory,
    order_form,
)
from ...core.payments import RegisterCard
from ..settings import Settings
from .pricing import pricing_of
from .storage import Storage
from .surroundings import Surroundings


@frozen
class Orders:
    """
    Every use case of ordering.

    Args:
        step_rules: Of what is said about a step.
    """

    quote_order: QuoteOrder
    place_order: PlaceOrder
    cancel_order: CancelOrder
    ship_order: ShipOrder
    deliver_order: DeliverOrder
    find_order: FindOrder
    tell_history: TellHistory
    list_orders: ListOrders
    step_rules: Form


def orders_of(
    settings: Settings, storage: Storage, register_card: RegisterCard, surroundings: Surroundings
) -> Orders:
    """The use cases of ordering, as *settings* say."""
    clock, recorder, begin = surroundings.clock, surroundings.recorder, storage.begin
    events, particulars = storage.events, storage.order_particulars
    steps = OrderSteps(begin, particulars, recorder, clock)
    quote = QuoteOrder(
        storage.customers, storage.products, storage.stock, pricing_of(settings), order_form(clock), clock
    )
    return Orders(
        quote_order=quote,
        place_order=PlaceOrder(begin, events, particulars, recorder, quote, register_card),
        cancel_order=CancelOrder(steps),
        ship_order=ShipOrder(steps),
        deliver_order=DeliverOrder(steps),
        find_order=FindOrder(events, particulars),
        tell_history=TellHistory(events, particulars),
        list_orders=ListOrders(storage.orders, particulars),
        step_rules=STEP,
    )
