"""What brings orders to their end, put together."""

import random

from ...core.fulfilment import OrderFulfilment, order_fulfilment
from .inventory import Inventory
from .payments import Payments
from .storage import Storage
from .surroundings import Surroundings


def fulfilment_of(
    storage: Storage, payments: Payments, inventory: Inventory, surroundings: Surroundings
) -> OrderFulfilment:
    """The saga of orders, by the use cases that everybody else calls, too."""
    return order_fulfilment(
        begin=storage.begin,
        events=storage.events,
        recorder=surroundings.recorder,
        chance=random.random,
        process_payment=payments.process_payment,
        capture_payment=payments.capture_payment,
        cancel_payment=payments.cancel_payment,
        refund_payment=payments.refund_payment,
        reserve_stock=inventory.reserve_stock,
        release_reservation=inventory.release_reservation,
    )
