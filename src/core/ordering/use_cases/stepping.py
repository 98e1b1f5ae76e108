"""What people do with an order once it is placed: cancel it, ship it, deliver it."""

from uuid import UUID

from attrs import evolve, field, frozen

from ...eventlog import EventId, Recorder, acting_for, present_origin
from ...inventory import ReservationId, ReservationNotFoundError
from ...kernel import Clock, ConcurrencyConflictError, Permission, PermissionDeniedError, Principal
from ..ids import OrderId
from ..order import ORDER, Cancel, Deliver, Order, Ship, stream_of
from ..ports import Begin, ParticularsQueries, Transaction
from ..rules import STEP
from ..summaries import PlacedOrder
from .reading import history_of, require_visible, with_addresses


@frozen(kw_only=True)
class StepRequest:
    """
    What somebody says about a step.

    Args:
        reason: For people.
    """

    reason: str | None = field(default=None, repr=False)


@frozen
class _Step:
    """
    What is asked of an order.

    Args:
        operation_id: What it is known by: the id of the event that comes of it.
        may: What the caller has to be allowed on the order.
    """

    principal: Principal
    order_id: OrderId
    command: Cancel | Ship | Deliver
    request: StepRequest
    operation_id: UUID
    may: Permission

    def require_allowed(self, order: PlacedOrder) -> None:
        require_visible(self.principal, order)
        if not self.principal.may_on(self.may, order.placed.created_by):
            raise PermissionDeniedError("You may not do this.", permission=self.may)


@frozen
class OrderSteps:
    """Takes orders on, each step in one transaction; anew on what others have led to, if they were faster."""

    begin: Begin
    particulars: ParticularsQueries
    recorder: Recorder
    clock: Clock

    async def take(self, step: _Step) -> PlacedOrder:
        STEP.check(step.request)
        while True:
            try:
                async with self.begin() as tx:
                    order = await self._taken(tx, step)
                break
            except ConcurrencyConflictError:
                continue
        [shown] = await with_addresses(self.particulars, [order])
        return shown

    async def _taken(self, tx: Transaction, step: _Step) -> PlacedOrder:
        order, recorded = await history_of(tx.events, step.order_id)
        step.require_allowed(order)
        if step.operation_id in {it.envelope.id for it in recorded}:
            return order
        # One correlation id for the whole of an order, whoever takes it on.
        with acting_for(evolve(present_origin(), correlation_id=recorded[0].envelope.correlation_id)):
            return await self._changed(tx, order, step)

    async def _changed(self, tx: Transaction, order: PlacedOrder, step: _Step) -> PlacedOrder:
        decided = tuple(ORDER.decide(order.state, step.command))
        [envelope] = self.recorder(decided)
        known = evolve(envelope, id=EventId(step.operation_id))
        version = await tx.events.append(stream_of(order.id), [known], order.version)
        changed = evolve(order, state=ORDER.fold(order.state, decided), version=version)
        if step.request.reason is not None:
            await tx.order_particulars.explain(order.id, changed.status, step.request.reason)
        if isinstance(step.command, Ship):
            await self._leave_warehouse(tx, order.state)
        return changed

    async def _leave_warehouse(self, tx: Transaction, order: Order) -> None:
        assert order.reservation_id is not None  # of every order that is confirmed
        reservation_id = ReservationId(order.reservation_id)
        reservation = await tx.reservations.find(reservation_id)
        if reservation is None:
            raise ReservationNotFoundError(reservation_id)
        if committed := reservation.commit(at=self.clock()):
            await tx.reservations.save(reservation, committed)


@frozen
class CancelOrder:
    """Give an order up, until it is shipped; whoever is at work on it undoes what they did."""

    steps: OrderSteps

    async def __call__(
        self, principal: Principal, order_id: OrderId, request: StepRequest, *, operation_id: UUID
    ) -> PlacedOrder:
        """
        Args:
            operation_id: What this is known by. Asked for under it once more, it is done once.

        Raises:
            ValidationFailedError: the reason breaks a rule.
            OrderNotFoundError: there is none, or the caller may not see it.
            PermissionDeniedError: the caller sees it, and may not cancel it.
            OrderTransitionError: it is shipped, or cancelled already.
        """
        command = Cancel(by=principal.user_id)
        may = Permission.ORDERS_CANCEL
        return await self.steps.take(_Step(principal, order_id, command, request, operation_id, may))


@frozen
class ShipOrder:
    """Send an order: what the warehouse keeps for it leaves in the same transaction."""

    steps: OrderSteps

    async def __call__(
        self, principal: Principal, order_id: OrderId, request: StepRequest, *, operation_id: UUID
    ) -> PlacedOrder:
        """
        Args, Raises: as of `CancelOrder`.

        Raises:
            OrderTransitionError: it is not confirmed.
            InvalidReservationTransitionError: the warehouse keeps nothing for it any more.
        """
        may = Permission.ORDERS_MANAGE
        return await self.steps.take(_Step(principal, order_id, Ship(), request, operation_id, may))


@frozen
class DeliverOrder:
    """Know that an order has arrived."""

    steps: OrderSteps

    async def __call__(
        self, principal: Principal, order_id: OrderId, request: StepRequest, *, operation_id: UUID
    ) -> PlacedOrder:
        """
        Args, Raises: as of `CancelOrder`.

        Raises:
            OrderTransitionError: it is not shipped.
        """
        may = Permission.ORDERS_MANAGE
        return await self.steps.take(_Step(principal, order_id, Deliver(), request, operation_id, may))
