"""The payment of an order that cannot be undone: it needs a person for as long as the order's saga does."""

from collections.abc import Sequence
from typing import Final, Protocol
from uuid import UUID

from ...eventlog import Event, EventEnvelope, StreamId
from ...payments import PaymentId, PaymentNotFoundError, PaymentRepository
from ..sagas.events import SagaNeedsAttention, StepAbandoned, StepResumed
from ..sagas.rules import KEEPS_FAILING
from ..sagas.runner import SagaTransaction
from .plan import (
    ORDER_FULFILMENT,
    AuthorizationVoidRequested,
    CaptureRefundRequested,
    PaymentAuthorizationRequested,
)

REFUND_DECLINED: Final = "refund_declined"
"""Why a saga needs a person whose payment the gateway does not give back."""

_STEPS = {"authorize", "capture"}
_GOES_ON = StepResumed, StepAbandoned, AuthorizationVoidRequested, CaptureRefundRequested


class AttentionTransaction(SagaTransaction, Protocol):
    """Where payments change with sagas."""

    @property
    def payments(self) -> PaymentRepository: ...


async def share_attention(
    tx: AttentionTransaction, order_id: UUID, envelopes: Sequence[EventEnvelope]
) -> None:
    """Flag the payment of a saga that is given to a person because of it, and take both back together."""
    event, at = envelopes[0].event, envelopes[0].occurred_at
    if not (_is_stuck(event) or isinstance(event, _GOES_ON)):
        return
    saga = await tx.events.read_stream(StreamId(ORDER_FULFILMENT.category, order_id))
    if not (_is_stuck(event) or _is_stuck(saga[-1].event)):
        return
    [payment_id] = (it.envelope.id for it in saga if isinstance(it.event, PaymentAuthorizationRequested))
    try:
        payment = await tx.payments.get(PaymentId(payment_id))
    except PaymentNotFoundError:
        return  # it was never begun, or somebody has deleted it
    if payment.needs_attention != _is_stuck(event):
        changed = payment.give_to_person(at=at) if _is_stuck(event) else payment.resolve_attention(at=at)
        await tx.payments.save(payment, changed)


def _is_stuck(event: Event) -> bool:
    """Whether a saga is from now on stuck at its payment, which does not say so itself."""
    match event:
        case SagaNeedsAttention(step, why):
            return step in _STEPS and why in {KEEPS_FAILING, REFUND_DECLINED}
    return False
