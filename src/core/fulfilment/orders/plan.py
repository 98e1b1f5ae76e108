"""What it takes to fulfil an order, as a table."""

from datetime import timedelta
from typing import Final

from attrs import frozen

from ...eventlog import Event
from ...ordering import FailureReason
from ..sagas.plan import SagaPlan, Step


@frozen
class PaymentAuthorizationRequested(Event):
    """The total is to be held on the card; the payment has the id of this event."""


@frozen
class AuthorizationVoidRequested(Event):
    """What is held on the card is to be let go."""


@frozen
class StockReservationRequested(Event):
    """The warehouse is to keep the items."""


@frozen
class StockReleaseRequested(Event):
    """The warehouse need not keep them."""


@frozen
class AuthorizationCaptureRequested(Event):
    """What is held on the card is to be taken."""


@frozen
class CaptureRefundRequested(Event):
    """What was taken is to be given back."""


@frozen
class OrderConfirmationRequested(Event):
    """It is paid and reserved: the order is to be confirmed."""


ORDER_FULFILMENT: Final = SagaPlan(
    category="order-fulfilment",
    steps=(
        Step(
            name="authorize",
            request=PaymentAuthorizationRequested,
            undo=AuthorizationVoidRequested,
            timeout=timedelta(seconds=60),
            unavailable=FailureReason.PAYMENT_UNAVAILABLE.value,
        ),
        Step(
            name="reserve",
            request=StockReservationRequested,
            undo=StockReleaseRequested,
            timeout=timedelta(seconds=30),
        ),
        Step(
            name="capture",
            request=AuthorizationCaptureRequested,
            undo=CaptureRefundRequested,
            timeout=timedelta(seconds=60),
            unavailable=FailureReason.PAYMENT_UNAVAILABLE.value,
        ),
        Step(
            name="confirm",
            request=OrderConfirmationRequested,
            timeout=timedelta(seconds=30),
        ),
    ),
    deadline=timedelta(seconds=120),
)
"""Whatever fails, what succeeded is undone in reverse: refund, release, void."""
