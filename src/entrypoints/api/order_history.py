"""What is answered about what happened to an order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ...core.eventlog import Event, RecordedEvent
from ...core.ordering import (
    History,
    OrderCancelled,
    OrderDelivered,
    OrderPaymentStarted,
    OrderPlaced,
    OrderShipped,
    OrderStatus,
    OrderStockReserved,
)
from .answer_models import EXAMPLE_TIME, EXAMPLE_USER_ID, AnswerModel, told
from .order_models import figures_of


class OrderEventResponse(AnswerModel, kw_only=True):
    """One thing that happened to an order."""

    id: UUID
    version: Annotated[int, told("That of the order from then on.")]
    type: str
    occurred_at: datetime
    data: Annotated[
        dict[str, Any], told("What the event says; `reason` is null once the customer was erased.")
    ]
    correlation_id: Annotated[UUID, told("Shared by all that one request set off.")]
    causation_id: Annotated[UUID | None, told("The event in answer to which this one happened.")]

    @classmethod
    def example(cls) -> "OrderEventResponse":
        cancelled = {
            "failure_reason": None,
            "cancelled_by": str(EXAMPLE_USER_ID),
            "reason": "Changed my mind",
        }
        return cls(
            id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a82"),
            version=2,
            type="OrderCancelled",
            occurred_at=EXAMPLE_TIME,
            data=cancelled,
            correlation_id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a81"),
            causation_id=None,
        )

    @classmethod
    def of(cls, recorded: RecordedEvent, reasons: Mapping[OrderStatus, str]) -> "OrderEventResponse":
        envelope = recorded.envelope
        return cls(
            id=envelope.id,
            version=recorded.version,
            type=recorded.event.type_name(),
            occurred_at=envelope.occurred_at,
            data=_data_of(recorded.event, reasons),
            correlation_id=envelope.correlation_id,
            causation_id=envelope.causation_id,
        )


class OrderEventsResponse(AnswerModel):
    """All that happened to an order, in order."""

    data: list[OrderEventResponse]

    @classmethod
    def example(cls) -> "OrderEventsResponse":
        return cls([OrderEventResponse.example()])

    @classmethod
    def of(cls, history: History) -> "OrderEventsResponse":
        return cls([OrderEventResponse.of(recorded, history.reasons) for recorded in history.events])


def _data_of(event: Event, reasons: Mapping[OrderStatus, str]) -> dict[str, Any]:
    """An event as the API writes what is in it: amounts as texts, and why it happened beside."""
    match event:
        case OrderPlaced():
            return _terms_of(event)
        case OrderPaymentStarted(payment_id):
            return {"payment_id": payment_id}
        case OrderStockReserved(reservation_id):
            return {"reservation_id": reservation_id}
        case OrderShipped():
            return {"reason": reasons.get(OrderStatus.SHIPPED)}
        case OrderDelivered():
            return {"reason": reasons.get(OrderStatus.DELIVERED)}
        case OrderCancelled(failure_reason, cancelled_by):
            why = reasons.get(OrderStatus.CANCELLED)
            return {"failure_reason": failure_reason, "cancelled_by": cancelled_by, "reason": why}
        case _:
            return {}


def _terms_of(placed: OrderPlaced) -> dict[str, Any]:
    return {
        "customer_id": placed.customer_id,
        "card_id": placed.card_id,
        "created_by": placed.created_by,
        "discount_percentage": placed.discount_percentage.value_text,
        **figures_of(placed),
    }
