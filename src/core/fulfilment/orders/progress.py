"""What an order's saga changes in the order, and what the order changes in its saga."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from attrs import frozen

from ...eventlog import Event, EventEnvelope, EventReader, EventSourced, RecordedEvent
from ...inventory import Reservation, ReservationId, ReservationRepository
from ...ordering import (
    Cancel,
    Confirm,
    FailureReason,
    Order,
    OrderCancelled,
    OrderCommand,
    OrderEvent,
    OrderPlaced,
    OrderStatus,
    OrderTransitionError,
    RecordReservation,
    StartPayment,
)
from ...payments import PaymentId
from ..sagas.events import SagaCancelled, SagaCompleted, SagaGivenUp, StepRefused, StepSucceeded
from ..sagas.outcomes import StepRefusedError
from ..sagas.reacting import Reaction
from ..sagas.runner import SagaRunner
from .attention import AttentionTransaction, share_attention
from .plan import PaymentAuthorizationRequested

_REASONS = {reason.value for reason in FailureReason}


class ProgressTransaction(AttentionTransaction, Protocol):
    """What changes with a saga."""

    @property
    def reservations(self) -> ReservationRepository: ...


@frozen
class OrderProgress:
    """Moves an order on with its saga: in the same transaction, so neither is ever ahead of the other."""

    orders: EventSourced[OrderCommand, OrderEvent, Order]

    async def __call__(
        self, tx: ProgressTransaction, order_id: UUID, envelopes: Sequence[EventEnvelope]
    ) -> None:
        """
        Raises:
            StepRefusedError: the order cannot be confirmed: somebody has cancelled it.
        """
        await share_attention(tx, order_id, envelopes)
        for envelope in envelopes:
            if isinstance(envelope.event, StepRefused) and envelope.event.step == "reserve":
                await _give_up_stock(tx, ReservationId(order_id), at=envelope.occurred_at)
            command = _command(envelope, order_id)
            if command is None:
                continue
            try:
                await self.orders.decide(tx.events, order_id, command)
            except OrderTransitionError as error:
                if isinstance(command, Confirm):
                    raise StepRefusedError("order_cancelled") from error
                raise


async def _give_up_stock(tx: ProgressTransaction, reservation_id: ReservationId, *, at: datetime) -> None:
    """See to it that what was refused stays so: there may be enough by the time that somebody late asks for it."""
    known = await tx.reservations.find(reservation_id)
    reservation = known or Reservation.never_made(reservation_id, at=at)
    if released := reservation.release(at=at):
        await tx.reservations.save(reservation, released)


def _command(envelope: EventEnvelope, order_id: UUID) -> OrderCommand | None:
    """What *envelope* means for the order."""
    match envelope.event:
        case PaymentAuthorizationRequested():
            return StartPayment(PaymentId(envelope.id))
        case StepSucceeded("reserve"):
            return RecordReservation(order_id)
        case SagaCompleted():
            return Confirm()
        case SagaGivenUp(reason) | SagaCancelled(reason) if reason in _REASONS:
            return Cancel(FailureReason(reason))
    return None


@frozen
class OrderReactions:
    """Begins the saga of an order, and has it go back when somebody cancels the order."""

    runner: SagaRunner[Any]
    orders: EventSourced[OrderCommand, OrderEvent, Order]
    events: EventReader

    def by_event(self) -> dict[type[Event], Reaction]:
        """What is done in answer to which events of an order."""
        return {OrderPlaced: self.begin, OrderCancelled: self.take_back}

    async def begin(self, recorded: RecordedEvent) -> None:
        """Begin the saga, unless the order was cancelled before it could be."""
        order_id = recorded.stream.id
        order = await self.orders.load(self.events, order_id)
        if order.state.status is OrderStatus.PENDING:
            await self.runner.start(order_id)

    async def take_back(self, recorded: RecordedEvent) -> None:
        """Undo what was done for the order, and what succeeds late."""
        await self.runner.give_up(recorded.stream.id)
