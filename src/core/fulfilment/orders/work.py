"""How each step of an order's saga is done and undone: by use cases that know what they did under which key."""

from collections.abc import Mapping

from attrs import evolve, frozen

from ...eventlog import EventReader, EventSourced
from ...inventory import (
    InsufficientStockError,
    InvalidReservationTransitionError,
    ReleaseReservation,
    ReservationId,
    ReservationLine,
    ReserveStock,
)
from ...kernel import ValidationFailedError
from ...ordering import FailureReason, Order, OrderCommand, OrderEvent, OrderStatus
from ...payments import (
    CardDeclinedError,
    PaymentId,
    PaymentNotChargedError,
    PaymentRequest,
    ProcessPayment,
)
from ..sagas.outcomes import Outcome, Refused, Stuck, Succeeded
from ..sagas.runner import Request, StepWork
from .money import PaymentSteps, authorized


@frozen(kw_only=True)
class OrderWork:
    """
    What the steps of `ORDER_FULFILMENT` do.

    Args:
        orders: All orders.
        events: The committed log.
    """

    orders: EventSourced[OrderCommand, OrderEvent, Order]
    events: EventReader
    process_payment: ProcessPayment
    payment_steps: PaymentSteps
    reserve_stock: ReserveStock
    release_reservation: ReleaseReservation

    def by_step(self) -> Mapping[str, StepWork]:
        """By the names of the steps."""
        return {
            "authorize": StepWork(self.authorize, self.payment_steps.give_back),
            "reserve": StepWork(self.reserve, self.release),
            "capture": StepWork(self.capture, self.payment_steps.give_back),
            "confirm": StepWork(self.confirm),
        }

    async def authorize(self, request: Request) -> Outcome:
        """Hold the total on the card."""
        order = await self._order(request)
        placed = order.placed
        assert placed
        asked = PaymentRequest(
            amount=placed.total.amount,
            currency=placed.total.currency,
            card_id=str(placed.card_id),
            customer_id=placed.customer_id,
            capture=False,
        )
        try:
            payment = await self.process_payment(
                asked,
                payment_id=PaymentId(request.key),
                created_by=placed.created_by,
                is_withdrawn=request.is_settling or _is_off(order),
            )
        except CardDeclinedError:
            return Refused(FailureReason.PAYMENT_DECLINED)
        except PaymentNotChargedError:
            return Refused(FailureReason.PAYMENT_UNAVAILABLE)
        except ValidationFailedError:
            # What was allowed when it was begun may not be allowed any more, and then it says nothing of the hold.
            return await self.payment_steps.authorized(PaymentId(request.key))
        return authorized(payment)

    async def reserve(self, request: Request) -> Outcome:
        """Have the warehouse keep the items."""
        placed = (await self._order(request)).placed
        assert placed
        if placed.warehouse is None:
            return Refused(FailureReason.INSUFFICIENT_STOCK)
        lines = [ReservationLine(line.sku, line.quantity) for line in placed.items]
        try:
            await self.reserve_stock(ReservationId(request.saga_id), request.saga_id, placed.warehouse, lines)
        except (InsufficientStockError, InvalidReservationTransitionError):
            return Refused(FailureReason.INSUFFICIENT_STOCK)
        return Succeeded()

    async def release(self, request: Request) -> Outcome:
        """Let go what the warehouse keeps."""
        try:
            await self.release_reservation(ReservationId(request.saga_id))
        except InvalidReservationTransitionError:
            return Stuck("already_shipped")
        return Succeeded()

    async def capture(self, request: Request) -> Outcome:
        """Take what is held on the card."""
        is_off = _is_off(await self._order(request))
        return await self.payment_steps.capture(evolve(request, is_settling=True) if is_off else request)

    async def confirm(self, _: Request) -> Outcome:
        """Nothing is left to be done: the order is confirmed with what is recorded of this."""
        return Succeeded()

    async def _order(self, request: Request) -> Order:
        return (await self.orders.load(self.events, request.saga_id)).state


def _is_off(order: Order) -> bool:
    """Whether somebody has cancelled it, though the saga may not have heard of it yet."""
    return order.status is OrderStatus.CANCELLED
